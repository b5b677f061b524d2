package dev.belfry.qemu.script;

import static dev.belfry.model.bits.Field.bit;
import static dev.belfry.model.bits.Field.bits;

import dev.belfry.model.bits.Field;
import java.util.ArrayList;
import java.util.List;

/// A Stream table, linear or of two levels, with an STE for each device.
final class DraftStreams {

    private static final Field V = bit(0);
    private static final Field CONFIG = bits(3, 1);
    private static final int BYPASS = 4;
    private static final int STAGE_1 = 5;
    private static final long SHCFG_INCOMING = 1L << 44;
    private static final int STE = 64;

    private final Draft draft;
    private final List<DraftContext> contexts = new ArrayList<>();
    private final List<Integer> contextOf = new ArrayList<>();
    private final boolean twoLevel;
    private final int split;
    private final int log2;
    private final long array;

    DraftStreams(Draft draft) {
        this.draft = draft;
        int count = 1 + draft.random.nextInt(3);
        for (int i = 0; i < count; i++) {
            contexts.add(new DraftContext(draft, i));
        }
        twoLevel = draft.one(3);
        split = draft.pick(6, 8, 10);
        log2 =
                twoLevel
                        ? 8 + draft.random.nextInt(5)
                        : draft.one(4) ? 5 : 6 + draft.random.nextInt(3);
        array = twoLevel ? draft.level2 : draft.streamTable;
        if (twoLevel) {
            draft.word(draft.streamTable, draft.level2 | span());
        }
        for (int i = 0; i < draft.target.devices(); i++) {
            ste(i);
        }
    }

    private int span() {
        return draft.one(3) ? draft.pick(0, 5, 6, 7, split, split + 2, 12, 20) : split + 1;
    }

    private long address(int device) {
        return array + (long) STE * draft.target.streamId(device);
    }

    private void ste(int device) {
        contextOf.add(draft.random.nextInt(contexts.size()));
        int kind = draft.random.nextInt(16);
        long benign = draft.random.nextLong() & 0xfc;
        long at = address(device);
        int config = kind == 0 ? draft.random.nextInt(4) : kind <= 2 ? BYPASS : STAGE_1;
        // A pointer even where it is IGNORED: Config is among what gets broken.
        draft.word(at, V.mask() | CONFIG.of(config) | context(device).address());
        draft.word(at + 8, benign | SHCFG_INCOMING);
    }

    private long config(int device) {
        return CONFIG.get(draft.memory.getOrDefault(address(device), 0L));
    }

    /// Whether a device's addresses go out as they come in.
    boolean bypasses(int device) {
        return config(device) == BYPASS;
    }

    DraftContext context(int device) {
        return contexts.get(contextOf.get(device));
    }

    DraftContext anyContext() {
        return contexts.get(draft.random.nextInt(contexts.size()));
    }

    /// A stream that bypasses by accident would reach whatever device its addresses belong to.
    void mendAccidents(List<Boolean> meant) {
        for (int i = 0; i < draft.target.devices(); i++) {
            if (bypasses(i) && !meant.get(i)) {
                long word = draft.memory.getOrDefault(address(i), 0L);
                draft.word(address(i), CONFIG.set(word, 0));
            }
        }
    }

    /// An STE turns between stage 1 and abort.
    void change(int device) {
        long word = draft.memory.getOrDefault(address(device), 0L);
        if ((CONFIG.get(word) | BYPASS) == STAGE_1) {
            draft.change(address(device), word ^ CONFIG.of(BYPASS));
        }
    }

    void registers() {
        long misaligned = draft.one(24) ? 1L << (6 + draft.random.nextInt(8)) : 0;
        draft.register(0x80, 8, (draft.streamTable | misaligned) | (draft.one(8) ? 1L << 62 : 0));
        if (twoLevel) {
            draft.register(0x88, 4, 1L << 16 | (long) split << 6 | log2);
            if (draft.one(24)) {
                draft.register(0x88, 4, log2);
            }
        } else {
            draft.register(0x88, 4, log2 | (draft.one(16) ? (long) split << 6 : 0));
        }
    }
}
