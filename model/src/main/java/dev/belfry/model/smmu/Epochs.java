package dev.belfry.model.smmu;

import java.util.Arrays;
import java.util.BitSet;

/// Which of the numbers that tag cached entries have not ended. Giving one out and ending it cost
/// the same however many there were before.
///
/// [BitSet] serves to name sets of them, not to keep this one: each time its highest bit is cleared
/// it looks for the next below, through all the numbers that have been used since.
final class Epochs {

    private final int most;

    /// Bit n: epoch n has not ended.
    private long[] live = new long[1];

    /// Those before it have been given out since [#keepOnly].
    private int next = 1;

    /// @param most numbers are below it; 0 is none of them
    Epochs(int most) {
        this.most = most;
    }

    boolean isLive(int epoch) {
        int word = epoch >>> 6;
        return word < live.length && (live[word] >>> epoch & 1) != 0;
    }

    /// Whether there is no number to [#begin] with until [#keepOnly] frees some.
    boolean isUsedUp() {
        while (next < most && isLive(next)) {
            next++;
        }
        return next >= most;
    }

    /// A number that no entry has, once [#isUsedUp] was asked and said no.
    int begin() {
        int word = next >>> 6;
        if (word >= live.length) {
            live = Arrays.copyOf(live, 2 * word);
        }
        live[word] |= 1L << next;
        return next++;
    }

    void end(int epoch) {
        int word = epoch >>> 6;
        if (word < live.length) {
            live[word] &= ~(1L << epoch);
        }
    }

    /// Ends all others, and lets numbers be used again: no entry may have one that is not kept.
    void keepOnly(BitSet epochs) {
        long[] kept = epochs.toLongArray();
        live = kept.length == 0 ? new long[1] : kept;
        next = 1;
    }

    /// Ends all.
    void clear() {
        keepOnly(new BitSet());
    }
}
