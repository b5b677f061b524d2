package dev.belfry.lab.differential;

import dev.belfry.lab.differential.OpinionResult.Leaf;
import dev.belfry.lab.differential.OpinionResult.Whole;
import dev.belfry.model.bits.Bits;
import dev.belfry.model.smmu.spec.Command;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The translations that QEMU keeps, and what its TLBI commands leave of them. An entry that a
/// command should have removed and did not is doomed.
final class OpinionTlb {

    /// It drops all when it is full.
    private static final int CAPACITY = 256;

    static final int ANY = -1;
    private static final int LAST = 3;

    /// @param asid -1 for what only stage 2 translates
    private record Key(int asid, int vmid, long iova, int tg, int level) {}

    /// An entry.
    static final class Entry {
        /// The translation of `va`.
        final Leaf leaf;

        /// The address that it was made for.
        final long va;

        boolean doomed;

        Entry(Leaf leaf, long va) {
            this.leaf = leaf;
            this.va = va;
        }

        private boolean overlaps(long from, long length) {
            long first = Bits.alignDown(va, leaf.whole().bits());
            long last = first + Bits.lowMask(leaf.whole().bits());
            return from <= last && first - from < length;
        }
    }

    private final Map<Key, Entry> entries = new HashMap<>();

    /// Looks through the levels that an input of this size has with this granule.
    @Nullable Entry find(int asid, int vmid, int granule, int inputBits, long va) {
        int stride = granule - 3;
        for (int level = 4 - (inputBits - 4) / stride; level <= LAST; level++) {
            Entry entry = level < 0 ? null : entries.get(key(asid, vmid, granule, level, va));
            if (entry != null) {
                return entry;
            }
        }
        return null;
    }

    void put(int asid, int vmid, long va, Leaf leaf) {
        if (entries.size() >= CAPACITY) {
            entries.clear();
        }
        long iova = Bits.alignDown(va, leaf.bits());
        int tg = (leaf.granule() - 10) / 2;
        entries.put(new Key(asid, vmid, iova, tg, leaf.level()), new Entry(leaf, va));
    }

    private static Key key(int asid, int vmid, int granule, int level, long va) {
        int shift = granule + (LAST - level) * (granule - 3);
        return new Key(asid, vmid, Bits.alignDown(va, shift), (granule - 10) / 2, level);
    }

    void clear() {
        entries.clear();
    }

    /// All of a VMID; without stage 2's own when only stage 1 is meant.
    void dropVmid(int vmid, boolean stage1Only) {
        entries.keySet().removeIf(k -> k.vmid == vmid && !(stage1Only && k.asid == ANY));
    }

    void dropAsid(int asid, int vmid) {
        entries.keySet().removeIf(k -> k.asid == asid && k.vmid == vmid);
    }

    /// TLBI by VA; `asid` and `vmid` below 0 for any.
    void drop(int asid, int vmid, Command.Span span) {
        ranges(span, (from, pages) -> dropVa(asid, vmid, from, pages, span));
        doom(
                (k, e) ->
                        k.asid != ANY
                                && (vmid == ANY || vmid == k.vmid)
                                && (asid == ANY || asid == k.asid || e.leaf.whole().global()),
                span);
    }

    /// TLBI by IPA.
    void dropIpa(int vmid, Command.Span span) {
        ranges(span, (from, pages) -> dropIpa(vmid, from, pages, span));
        doom((k, e) -> k.asid == ANY && vmid == k.vmid, span);
    }

    private interface Range {
        void drop(long from, long pages);
    }

    private interface Tagged {
        boolean test(Key key, Entry entry);
    }

    /// A range in naturally aligned powers of two, as it divides into them.
    private static void ranges(Command.Span span, Range range) {
        if (span.tg() == 0) {
            range.drop(span.address(), 1);
            return;
        }
        int granule = span.tg() * 2 + 10;
        long address = span.address();
        long end = address + Bits.shiftLeft(span.num() + 1L, (span.scale() & 31) + granule) - 1;
        while (address != end + 1) {
            int bits = Math.min(Long.numberOfTrailingZeros(address), 63);
            while (Long.compareUnsigned(Bits.lowMask(bits), end - address) > 0) {
                bits--;
            }
            range.drop(address, Bits.shiftRight(1L << bits, granule));
            address += 1L << bits;
        }
    }

    private static int granule(Command.Span span) {
        return span.tg() == 0 ? 12 : span.tg() * 2 + 10;
    }

    private void dropVa(int asid, int vmid, long from, long pages, Command.Span span) {
        if (span.ttl() != 0 && pages == 1 && asid != ANY) {
            if (entries.remove(new Key(asid, vmid, from, span.tg(), span.ttl())) != null) {
                return;
            }
        }
        sweep(
                (k, e) -> (asid == ANY || asid == k.asid) && (vmid == ANY || vmid == k.vmid),
                from,
                pages,
                span);
    }

    private void dropIpa(int vmid, long from, long pages, Command.Span span) {
        if (span.ttl() != 0 && pages == 1) {
            if (entries.remove(new Key(ANY, vmid, from, span.tg(), span.ttl())) != null) {
                return;
            }
        }
        sweep((k, e) -> k.asid == ANY && vmid == k.vmid, from, pages, span);
    }

    private void sweep(Tagged tagged, long from, long pages, Command.Span span) {
        long mask = Bits.shiftLeft(pages, granule(span)) - 1;
        entries.entrySet()
                .removeIf(entry -> {
                    long own = Bits.lowMask(entry.getValue().leaf.bits());
                    long iova = entry.getKey().iova;
                    return tagged.test(entry.getKey(), entry.getValue())
                            && ((from & ~own) == iova || (iova & ~mask) == from);
                });
    }

    /// What is left although the architecture wants it gone (IHI 0070 4.4).
    private void doom(Tagged tagged, Command.Span span) {
        long pages = span.tg() == 0 ? 1 : span.num() + 1L;
        int shift = span.tg() == 0 ? 12 : granule(span) + (span.scale() & 31);
        long length = Bits.shiftLeft(pages, shift);
        entries.forEach((key, entry) -> {
            Whole whole = entry.leaf.whole();
            boolean hinted =
                    span.tg() == 0
                            || (whole.granule() == granule(span)
                                    && (span.ttl() == 0 || span.ttl() == whole.level()));
            boolean gone = tagged.test(key, entry) && hinted;
            entry.doomed |= gone && entry.overlaps(span.address(), length);
        });
    }
}
