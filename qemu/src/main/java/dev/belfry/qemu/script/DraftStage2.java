package dev.belfry.qemu.script;

import dev.belfry.model.bits.Bits;
import dev.belfry.model.bits.Field;
import dev.belfry.model.smmu.spec.Ste;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/// A virtual machine's IPA space: RAM seen through a window, mapped by stage 2 tables, page by page
/// where something is in use, or by blocks.
final class DraftStage2 implements DraftSpace {

    private static final long SPACE = 0x80000;
    private static final int LEAST_BITS = 25;
    private static final int MOST_BITS = 44;

    /// RAM is below this size.
    private static final int WINDOW_BITS = 22;

    /// It starts at an address of so many bits.
    private static final int RAM_BITS = 31;

    /// Where a window may be without any device of the machine in it, should an IPA be taken for a
    /// physical address.
    private static final int FREE_BITS = 38;

    private static final int NORMAL = 0xf;
    private static final int DEVICE = 0x1;

    /// @param ipa what it maps
    /// @param at where it is
    private record Leaf(long ipa, long at) {}

    private final Draft draft;
    private final int number;
    private final int granule;
    private final int inputBits;
    private final int level;
    private final long root;
    private final long window;
    private final int vmid;
    private final SortedSet<Long> used = new TreeSet<>();
    private final List<Leaf> leaves = new ArrayList<>();
    private final long w2;

    /// @param number 0 or 1
    /// @param harmless whether its addresses are to be [#isHarmless]
    DraftStage2(Draft draft, int number, boolean harmless) {
        this.draft = draft;
        this.number = number;
        granule = draft.pick(12, 12, 14, 16);
        int least = harmless ? RAM_BITS + 1 : LEAST_BITS;
        inputBits = least + draft.random.nextInt(MOST_BITS + 1 - least);
        int[] levels = fitting(ScriptTables.startLevels(granule, inputBits));
        level = levels[draft.random.nextInt(levels.length)];
        root = draft.stage2 + number * SPACE;
        window = window();
        vmid = draft.random.nextInt(3);
        w2 = fields();
    }

    /// The second one has less room.
    private int[] fitting(int[] levels) {
        int room = number == 0 ? 15 : 13;
        int last = levels[levels.length - 1];
        int[] out =
                Arrays.stream(levels)
                        .filter(l -> inputBits - granule - (3 - l) * (granule - 3) <= room)
                        .toArray();
        return out.length == 0 ? new int[] {last} : out;
    }

    private long window() {
        long ram = draft.target.ramBase();
        if (inputBits > RAM_BITS && draft.one(3)) {
            return ram;
        }
        long any = draft.random.nextLong() & Bits.lowMask(Math.min(inputBits, FREE_BITS));
        long aligned = Bits.alignDown(any, draft.pick(WINDOW_BITS, WINDOW_BITS, 25, 29, 30));
        return isHarmless(aligned) || inputBits <= RAM_BITS ? aligned : aligned | ram;
    }

    private boolean isHarmless(long address) {
        return address >= draft.target.ramBase();
    }

    /// Whether its addresses, taken for physical ones, lead to RAM or nowhere.
    boolean isHarmless() {
        return isHarmless(window);
    }

    private long fields() {
        int sl0 = granule == 12 ? 2 - level : 3 - level;
        int t0sz = 64 - inputBits;
        if (draft.one(16)) {
            t0sz = 12 + draft.random.nextInt(36);
        }
        if (draft.one(16)) {
            sl0 = draft.random.nextInt(4);
        }
        long out = Ste.S2VMID.of(vmid) | Ste.S2T0SZ.of(t0sz) | Ste.S2SL0.of(sl0);
        out |= Ste.S2TG.of(granule == 12 ? 0 : granule == 16 ? 1 : 2) | Ste.S2AA64.mask();
        out |= Ste.S2PS.of(draft.pick(4, 4, 4, 5, 5, 6, 7, 0, 1, 2, 3));
        out |= draft.random.nextInt(64) * Ste.S2IR0.of(1);
        out |= flag(Ste.S2AFFD, 6) | flag(Ste.S2PTW, 4) | flag(Ste.S2HA, 48) | flag(Ste.S2HD, 48);
        return out | (draft.one(8) ? 0 : Ste.S2R.mask());
    }

    private long flag(Field field, int n) {
        return draft.one(n) ? field.mask() : 0;
    }

    @Override
    public long of(long physical) {
        return physical - draft.target.ramBase() + window;
    }

    @Override
    public long physical(long address) {
        return address - window + draft.target.ramBase();
    }

    @Override
    public void use(long address) {
        used.add(Bits.alignDown(address, granule));
    }

    /// Makes the tables for all that is in use.
    void build() {
        ScriptTables tree = new ScriptTables(granule, inputBits, level, root);
        int big = tree.leafBits(2);
        boolean alike = (window - draft.target.ramBase() & Bits.lowMask(big)) == 0;
        Map<Long, Boolean> blocks = new TreeMap<>();
        for (long page : used) {
            boolean block =
                    blocks.computeIfAbsent(
                            Bits.alignDown(page, big),
                            b -> alike && tree.canMap(2) && draft.one(3));
            if (!draft.one(64) && Bits.fits(page, inputBits)) {
                map(tree, page, block);
            }
        }
        tree.words().forEach(draft::word);
    }

    private void map(ScriptTables tree, long page, boolean asBlock) {
        int bits = tree.leafBits(asBlock ? 2 : 3);
        long block = Bits.alignDown(page, bits);
        long output = physical(block);
        if (!asBlock && output >= draft.data && draft.one(6)) {
            output =
                    draft.data
                            + (output - draft.data + 0x10000L * draft.random.nextInt(4)) % 0x40000;
        }
        int leafLevel = asBlock ? 2 : 3;
        if (asBlock && (tree.valid(page, 2) || draft.one(48))) {
            return;
        }
        tree.map(page, leafLevel, output | attributes());
        leaves.add(new Leaf(page, tree.slot(page, leafLevel)));
    }

    private long attributes() {
        long out = 3L << 8 | (long) (draft.one(12) ? DEVICE : NORMAL) << 2;
        out |= draft.one(24) ? 0 : 1L << 10;
        out |= draft.one(16) ? (long) draft.random.nextInt(3) << 6 : 3L << 6;
        return out | (long) draft.random.nextInt(4) << 53 | (draft.one(16) ? 1L << 51 : 0);
    }

    /// Words 2 and 3 of an STE.
    long word2() {
        return w2;
    }

    long word3() {
        return root;
    }

    int vmid() {
        return vmid;
    }

    int granule() {
        return granule;
    }

    /// An IPA that leads to one of the data pages.
    long dataAddress() {
        return of(draft.data + 0x10000L * draft.random.nextInt(4));
    }

    /// A leaf becomes invalid or valid, allows other accesses, or leads to another page.
    ///
    /// @return an IPA that it maps
    long change() {
        if (leaves.isEmpty()) {
            return dataAddress();
        }
        Leaf leaf = leaves.get(draft.random.nextInt(leaves.size()));
        long word = draft.memory.getOrDefault(leaf.at, 0L);
        draft.change(leaf.at, word ^ (1L << draft.pick(0, 0, 6, 7, 7, 16, 17)));
        return leaf.ipa;
    }
}
