package dev.belfry.kernel.smmu;

import dev.belfry.kernel.Machine;

/// Changes an STE or a CD that the SMMU may be reading, so that it never sees anything between the
/// old entry and the new (`arm_smmu_write_entry` of Linux 6.9 and later).
///
/// Hardware reads 64-bit words whole, the entry it does not (IHI 0070 3.21.3). What it does not
/// look at under the present entry may change at any time. So when all that is left to change lies
/// in one word, the change is hitless: first what is not looked at, then that word, then what is no
/// longer looked at. When two words or more are left, the entry is made invalid in between.
final class EntryWriter {

    static final int WORDS = 8;

    /// What an STE and a CD do differently.
    interface Kind {

        /// Which bits of word `i` hardware looks at while the entry is `entry`.
        long used(long[] entry, int i);

        /// Which bits of word `i` may change at any moment though both entries use them.
        default long safe(long[] current, long[] target, int i) {
            return 0;
        }
    }

    private final Machine machine;
    private final Kind kind;

    EntryWriter(Machine machine, Kind kind) {
        this.machine = machine;
        this.kind = kind;
    }

    /// Replaces the entry at `at` by `target`.
    ///
    /// @param synchronise tells the SMMU that words have changed, and waits
    void replace(long at, long[] target, Runnable synchronise) {
        long[] current = read(at);
        long[] early = new long[WORDS];
        int left = 0;
        int critical = 0;
        for (int i = 0; i < WORDS; i++) {
            long wanted = kind.used(target, i);
            long held = kind.used(current, i);
            held &= ~(kind.safe(current, target, i) & wanted);
            early[i] = (current[i] & held) | (target[i] & ~held);
            if ((early[i] & wanted) != (target[i] & wanted)) {
                left++;
                critical = i;
            }
        }
        if (left == 1) {
            early[critical] = current[critical];
            set(at, early, 0, WORDS, synchronise);
            set(at, target, critical, 1, synchronise);
        } else if (left > 1) {
            early[0] = 0;
            set(at, early, 0, 1, synchronise);
            set(at, target, 1, WORDS - 1, synchronise);
        }
        set(at, target, 0, WORDS, synchronise);
    }

    /// Writes words that differ; when one did, the SMMU is told.
    private void set(long at, long[] words, int from, int count, Runnable synchronise) {
        boolean changed = false;
        for (int i = from; i < from + count; i++) {
            if (machine.read(at + 8L * i, 8) != words[i]) {
                machine.write(at + 8L * i, 8, words[i]);
                changed = true;
            }
        }
        if (changed) {
            synchronise.run();
        }
    }

    private long[] read(long at) {
        long[] words = new long[WORDS];
        for (int i = 0; i < WORDS; i++) {
            words[i] = machine.read(at + 8L * i, 8);
        }
        return words;
    }
}
