package dev.belfry.model.gic;

import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/// A set of small numbers that finds its lowest member in four steps, however many there are: a bit
/// a number, and three levels of summaries, 64 to one. Costs what is touched.
final class BitTree {

    private static final int PAGE_WORDS = 64;

    private final long[] @Nullable [] pages;
    private final long[] pageSummary;
    private final long[] summary;
    private long top;

    /// A set of numbers of `bits` bits, at most 24.
    BitTree(int bits) {
        int n = 1 << Math.max(0, bits - 12);
        this.pages = new long[n][];
        this.pageSummary = new long[n];
        this.summary = new long[(n + 63) >>> 6];
    }

    boolean get(int i) {
        long[] page = pages[i >>> 12];
        return page != null && ((page[(i >>> 6) & 63] >>> i) & 1) != 0;
    }

    boolean isEmpty() {
        return top == 0;
    }

    void set(int i) {
        long[] page = pages[i >>> 12];
        if (page == null) {
            page = new long[PAGE_WORDS];
            pages[i >>> 12] = page;
        }
        page[(i >>> 6) & 63] |= 1L << i;
        pageSummary[i >>> 12] |= 1L << (i >>> 6);
        summary[i >>> 18] |= 1L << (i >>> 12);
        top |= 1L << (i >>> 18);
    }

    void clear(int i) {
        long[] page = pages[i >>> 12];
        if (page == null) {
            return;
        }
        page[(i >>> 6) & 63] &= ~(1L << i);
        if (page[(i >>> 6) & 63] == 0) {
            pageSummary[i >>> 12] &= ~(1L << (i >>> 6));
            if (pageSummary[i >>> 12] == 0) {
                summary[i >>> 18] &= ~(1L << (i >>> 12));
                if (summary[i >>> 18] == 0) {
                    top &= ~(1L << (i >>> 18));
                }
            }
        }
    }

    /// The lowest member, -1 when there is none.
    int first() {
        if (top == 0) {
            return -1;
        }
        int a = Long.numberOfTrailingZeros(top);
        int b = (a << 6) | Long.numberOfTrailingZeros(summary[a]);
        int c = (b << 6) | Long.numberOfTrailingZeros(pageSummary[b]);
        long[] page = pages[b];
        return page == null ? -1 : (c << 6) | Long.numberOfTrailingZeros(page[c & 63]);
    }

    /// Every member, in order. The set may lose members while it is walked.
    void forEach(IntConsumer action) {
        for (int p = 0; p < pages.length; p++) {
            long[] page = pages[p];
            for (int w = 0; page != null && w < PAGE_WORDS; w++) {
                for (long word = page[w]; word != 0; word &= word - 1) {
                    action.accept((p << 12) | (w << 6) | Long.numberOfTrailingZeros(word));
                }
            }
        }
    }
}
