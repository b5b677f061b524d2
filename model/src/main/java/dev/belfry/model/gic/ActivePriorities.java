package dev.belfry.model.gic;

/// Priorities of the interrupts that a CPU took and has not ended, one bit a preemption level, the
/// highest priority lowest (ICC_AP0R<n>_EL1, ICC_AP1R<n>_EL1, GICC_APR<n>).
final class ActivePriorities {

    /// Running priority of a CPU that handles nothing.
    static final int IDLE = 256;

    private final int[] words;
    private final int shift;

    /// @param bits how many bits of a priority decide on preemption, 4..7
    ActivePriorities(int bits) {
        this.words = new int[Math.max(1, 1 << (bits - 5))];
        this.shift = 8 - bits;
    }

    /// The priority that runs; [#IDLE] when nothing does.
    int running() {
        for (int i = 0; i < words.length; i++) {
            if (words[i] != 0) {
                return (32 * i + Integer.numberOfTrailingZeros(words[i])) << shift;
            }
        }
        return IDLE;
    }

    /// An interrupt of this priority was taken.
    void take(int priority) {
        int level = priority >>> shift;
        words[level >>> 5] |= 1 << level;
    }

    /// Priority drop: the highest one ends.
    void drop() {
        for (int i = 0; i < words.length; i++) {
            if (words[i] != 0) {
                words[i] &= words[i] - 1;
                return;
            }
        }
    }

    void reset() {
        java.util.Arrays.fill(words, 0);
    }

    /// Register number `n`; those that the priority bits do not need are zero.
    int word(int n) {
        return n < words.length ? words[n] : 0;
    }

    void setWord(int n, int value) {
        if (n < words.length) {
            words[n] = value;
        }
    }
}
