package dev.belfry.lab.differential;

import dev.belfry.lab.differential.OpinionConfig.Half;
import dev.belfry.model.bits.Bits;
import dev.belfry.model.smmu.spec.Command;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The translations that QEMU keeps, and what its TLBI commands leave of them.
final class OpinionTlb {

    /// It drops all when it is full.
    private static final int CAPACITY = 256;

    private static final int ANY = -1;

    private record Key(int asid, long iova, int tg, int level) {}

    private final Map<Key, OpinionWalk.Result.Leaf> entries = new HashMap<>();

    OpinionWalk.Result.@Nullable Leaf find(int asid, Half half, long va) {
        for (int level = OpinionWalk.startLevel(half); level <= 3; level++) {
            OpinionWalk.Result.Leaf leaf = entries.get(key(asid, half, va, level));
            if (leaf != null) {
                return leaf;
            }
        }
        return null;
    }

    void put(int asid, Half half, long va, OpinionWalk.Result.Leaf leaf) {
        if (entries.size() >= CAPACITY) {
            entries.clear();
        }
        entries.put(key(asid, half, va, leaf.level()), leaf);
    }

    private static Key key(int asid, Half half, long va, int level) {
        long iova = Bits.alignDown(va, OpinionWalk.shift(half, level));
        return new Key(asid, iova, (half.granule() - 10) / 2, level);
    }

    void clear() {
        entries.clear();
    }

    void dropAsid(int asid) {
        entries.keySet().removeIf(k -> k.asid == asid);
    }

    /// TLBI by address; `asid` below 0 for any.
    void drop(int asid, Command.Span span) {
        int tg = span.tg();
        if (tg == 0) {
            drop(asid, span.address(), 0, 1, span.ttl());
            return;
        }
        int granule = tg * 2 + 10;
        long address = span.address();
        long end = address + Bits.shiftLeft(span.num() + 1L, (span.scale() & 31) + granule) - 1;
        // In naturally aligned powers of two, as the range divides into them.
        while (address != end + 1) {
            int bits = Math.min(Long.numberOfTrailingZeros(address), 63);
            while (Long.compareUnsigned(Bits.lowMask(bits), end - address) > 0) {
                bits--;
            }
            long pages = Bits.shiftRight(1L << bits, granule);
            drop(asid, address, tg, pages, span.ttl());
            address += 1L << bits;
        }
    }

    private void drop(int asid, long iova, int tg, long pages, int ttl) {
        if (ttl != 0 && pages == 1 && asid != ANY) {
            if (entries.remove(new Key(asid, iova, tg, ttl)) != null) {
                return;
            }
        }
        int granule = tg == 0 ? 12 : tg * 2 + 10;
        long mask = Bits.shiftLeft(pages, granule) - 1;
        entries.entrySet()
                .removeIf(e -> {
                    Key k = e.getKey();
                    long own = Bits.lowMask(e.getValue().bits());
                    return (asid == ANY || asid == k.asid)
                            && ((iova & ~own) == k.iova || (k.iova & ~mask) == iova);
                });
    }
}
