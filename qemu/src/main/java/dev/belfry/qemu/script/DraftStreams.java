package dev.belfry.qemu.script;

import static dev.belfry.model.bits.Field.bit;
import static dev.belfry.model.bits.Field.bits;

import dev.belfry.model.bits.Field;
import dev.belfry.model.smmu.SmmuIdentity.Stages;
import dev.belfry.model.smmu.spec.Ste;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A Stream table, linear or of two levels, with an STE for each device, and what the STEs lead to.
final class DraftStreams {

    private static final Field V = bit(0);
    private static final Field CONFIG = bits(3, 1);
    private static final int BYPASS = 4;
    private static final int STAGE_1 = 5;
    private static final int STAGE_2 = 6;
    private static final int NESTED = 7;
    private static final int DATA_PAGES = 4;
    private static final long DATA_DISTANCE = 0x10000;
    private static final long SHCFG_INCOMING = 1L << 44;
    private static final int STE = 64;

    private final Draft draft;
    private final List<DraftStage2> machines = new ArrayList<>();
    private final List<DraftContext> contexts = new ArrayList<>();
    private final List<Integer> contextOf = new ArrayList<>();
    private final List<Integer> machineOf = new ArrayList<>();
    private final List<Integer> translatingOf = new ArrayList<>();

    /// Whether some contexts are of a virtual machine and some are not. A broken pointer may then
    /// lead from one kind to the other.
    private final boolean mixed;

    private final boolean twoLevel;
    private final int split;
    private final int log2;
    private final long array;

    DraftStreams(Draft draft) {
        this.draft = draft;
        mixed = draft.one(2);
        if (draft.target.stages() != Stages.ONE) {
            int count = 1 + draft.random.nextInt(2);
            for (int i = 0; i < count; i++) {
                machines.add(new DraftStage2(draft, i, mixed));
            }
        }
        int count = 1 + draft.random.nextInt(3);
        for (int i = 0; i < count; i++) {
            contexts.add(new DraftContext(draft, i, space()));
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
        for (DraftStage2 machine : machines) {
            for (int i = 0; i < DATA_PAGES; i++) {
                machine.use(machine.of(draft.data + i * DATA_DISTANCE));
            }
            machine.build();
        }
    }

    private DraftSpace space() {
        return machines.isEmpty() || (mixed && draft.one(2))
                ? new DraftSpace.Physical()
                : machines.get(draft.random.nextInt(machines.size()));
    }

    private int span() {
        return draft.one(3) ? draft.pick(0, 5, 6, 7, split, split + 2, 12, 20) : split + 1;
    }

    private long address(int device) {
        return array + (long) STE * draft.target.streamId(device);
    }

    private void ste(int device) {
        contextOf.add(draft.random.nextInt(contexts.size()));
        machineOf.add(machines.isEmpty() ? 0 : draft.random.nextInt(machines.size()));
        int kind = draft.random.nextInt(16);
        long benign = draft.random.nextLong() & 0xfc;
        benign |= draft.one(32) ? Ste.S1STALLD.mask() : 0;
        benign |= draft.one(8) ? Ste.S1DSS.of(draft.random.nextInt(4)) : 0;
        long at = address(device);
        translatingOf.add(translating(device));
        int config =
                kind == 0
                        ? draft.random.nextInt(4)
                        : kind <= 2 ? BYPASS : translatingOf.get(device);
        // A pointer even where it is IGNORED: Config is among what gets broken.
        draft.word(at, V.mask() | CONFIG.of(config) | context(device).address());
        draft.word(at + 8, benign | SHCFG_INCOMING);
        if (!machines.isEmpty()) {
            DraftStage2 machine = machine(device);
            draft.word(at + 16, machine.word2());
            draft.word(at + 24, machine.word3());
        }
    }

    /// Stage 2 alone now and then, and else what the context is made for.
    private int translating(int device) {
        if (draft.target.stages() == Stages.TWO) {
            return draft.one(16) ? NESTED : STAGE_2;
        }
        boolean two = context(device).space() instanceof DraftStage2;
        return two ? draft.one(4) ? STAGE_2 : NESTED : STAGE_1;
    }

    private long config(int device) {
        return CONFIG.get(draft.memory.getOrDefault(address(device), 0L));
    }

    /// Whether a device's addresses go out as they come in.
    boolean bypasses(int device) {
        return config(device) == BYPASS;
    }

    /// Whether the addresses that a device is to use are IPAs.
    boolean stage2Only(int device) {
        return !machines.isEmpty() && config(device) == STAGE_2;
    }

    /// The virtual machine that an STE belongs to, whether stage 2 is on or not.
    DraftStage2 machine(int device) {
        return context(device).space() instanceof DraftStage2 own
                ? own
                : machines.get(machineOf.get(device));
    }

    /// VMID of the translations of some device that uses `context`.
    int vmidOf(DraftContext context) {
        int device = Math.max(0, contextOf.indexOf(contexts.indexOf(context)));
        return machines.isEmpty() ? 0 : machine(device).vmid();
    }

    /// Any virtual machine; null without stage 2.
    @Nullable DraftStage2 anyMachine() {
        return machines.isEmpty() ? null : machines.get(draft.random.nextInt(machines.size()));
    }

    DraftContext context(int device) {
        return contexts.get(contextOf.get(device));
    }

    DraftContext anyContext() {
        return contexts.get(draft.random.nextInt(contexts.size()));
    }

    /// Which Config each device was meant to have.
    List<Long> configs() {
        List<Long> out = new ArrayList<>();
        for (int i = 0; i < draft.target.devices(); i++) {
            out.add(config(i));
        }
        return out;
    }

    /// A stream that bypasses by accident would reach whatever device its addresses belong to; so
    /// may one whose IPAs are taken for physical addresses. VMSAv8-32 tables end QEMU.
    void mendAccidents(List<Long> meant) {
        for (int i = 0; i < draft.target.devices(); i++) {
            long word = draft.memory.getOrDefault(address(i), 0L);
            if (bypasses(i) && meant.get(i) != BYPASS) {
                draft.word(address(i), CONFIG.set(word, 0));
            } else if (!machines.isEmpty() && !machine(i).isHarmless()) {
                draft.word(address(i), CONFIG.set(word, meant.get(i)));
            }
            if (!machines.isEmpty()) {
                long w2 = draft.memory.getOrDefault(address(i) + 16, 0L);
                draft.word(address(i) + 16, w2 | Ste.S2AA64.mask());
            }
        }
    }

    /// An STE turns between translating and abort, or its stage 2 fields change.
    void change(int device) {
        long word = draft.memory.getOrDefault(address(device), 0L);
        if (!machines.isEmpty() && draft.one(2)) {
            long w2 = draft.memory.getOrDefault(address(device) + 16, 0L);
            Field field = List.of(Ste.S2AFFD, Ste.S2R, Ste.S2PTW).get(draft.random.nextInt(3));
            draft.change(address(device) + 16, w2 ^ field.mask());
        } else if ((CONFIG.get(word) | BYPASS) == translatingOf.get(device)) {
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
