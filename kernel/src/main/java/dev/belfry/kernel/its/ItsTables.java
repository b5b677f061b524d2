package dev.belfry.kernel.its;

import static dev.belfry.model.gic.spec.Gits.GITS_BASER;

import dev.belfry.kernel.Machine;
import dev.belfry.kernel.memory.PageAllocator;
import dev.belfry.model.gic.spec.GitsBaser;

/// Gives an ITS its tables (GITS_BASER0..7, IHI 0069 12.19.1): page sizes are tried largest first,
/// the device table is made indirect where it is large, attributes that do not stick are given up.
final class ItsTables {

    private static final int RA_WA_WB = 7;
    private static final int NON_CACHEABLE = 1;
    private static final int INNER_SHAREABLE = 1;
    private static final int L1_ENTRY_BYTES = 8;
    private static final int MAX_PAGES = 256;

    private final Frame its;
    private final Machine machine;
    private final PageAllocator pages;
    private final int deviceIdBits;
    private long attributes =
            GitsBaser.INNER_CACHE.of(RA_WA_WB) | GitsBaser.SHAREABILITY.of(INNER_SHAREABLE);

    /// The device table where it is indirect: level 1, its entries, and what a page of level 2
    /// holds.
    private long level1;

    private long level1Entries;
    private int log2Level2;
    private int log2IdsPerPage;

    ItsTables(Frame its, PageAllocator pages, int deviceIdBits) {
        this.its = its;
        this.machine = its.machine();
        this.pages = pages;
        this.deviceIdBits = deviceIdBits;
    }

    /// Sees to it that the device table has an entry for `deviceId`: where it is indirect, a page
    /// of level 2 is allocated when the first device in it appears.
    ///
    /// @return false when the table has no room for the id
    boolean cover(long deviceId) {
        if (level1 == 0) {
            return true;
        }
        long index = deviceId >>> log2IdsPerPage;
        if (index >= level1Entries) {
            return false;
        }
        long slot = level1 + index * L1_ENTRY_BYTES;
        if (!GitsBaser.VALID.isSet(machine.read(slot, 8))) {
            long page = pages.allocate(1L << log2Level2, 1L << log2Level2);
            machine.write(slot, 8, page | GitsBaser.VALID.mask());
        }
        return true;
    }

    /// @return false when a table cannot be had (`ENXIO`)
    boolean allocate() {
        boolean done = true;
        for (int n = 0; n < GITS_BASER.count(); n++) {
            GitsBaser.Type type = new GitsBaser(its.read(GITS_BASER, n)).type();
            done &= type == GitsBaser.Type.NONE || allocate(n, type);
        }
        return done;
    }

    private boolean allocate(int n, GitsBaser.Type type) {
        int log2Page = probePageSize(n);
        if (log2Page == 0) {
            return false;
        }
        int entryBytes = new GitsBaser(its.read(GITS_BASER, n)).entrySize();
        long bytes = 1L << log2Page;
        boolean indirect = false;
        if (type == GitsBaser.Type.DEVICES) {
            long flat = (long) entryBytes << deviceIdBits;
            indirect = flat > 2L << log2Page && acceptsIndirect(n);
            its.read(GITS_BASER, n);
            bytes = Math.max(bytes, indirect ? l1Bytes(log2Page, entryBytes) : flat);
        } else if (type != GitsBaser.Type.COLLECTIONS) {
            return true;
        }
        long pageCount = Math.min(MAX_PAGES, roundUp(bytes, log2Page) >>> log2Page);
        long table = pages.allocate(pageCount << log2Page, 1L << log2Page);
        if (indirect) {
            level1 = table;
            level1Entries = (pageCount << log2Page) / L1_ENTRY_BYTES;
            log2Level2 = log2Page;
            log2IdsPerPage = log2IdsPerPage(log2Page, entryBytes);
        }
        long wanted =
                GitsBaser.VALID.mask()
                        | GitsBaser.INDIRECT.of(indirect ? 1 : 0)
                        | GitsBaser.TYPE.of(type.code())
                        | GitsBaser.ENTRY_SIZE.of(entryBytes - 1)
                        | encodeAddress(table, log2Page)
                        | GitsBaser.PAGE_SIZE.of((log2Page - 12) / 2)
                        | GitsBaser.SIZE.of(pageCount - 1);
        return writeUntilItSticks(n, wanted);
    }

    private static long roundUp(long bytes, int log2) {
        return (bytes + (1L << log2) - 1) & -(1L << log2);
    }

    private long l1Bytes(int log2Page, int entryBytes) {
        int perPage = log2IdsPerPage(log2Page, entryBytes);
        return (long) L1_ENTRY_BYTES << Math.max(0, deviceIdBits - perPage);
    }

    private static int log2IdsPerPage(int log2Page, int entryBytes) {
        return 63 - Long.numberOfLeadingZeros((1L << log2Page) / entryBytes);
    }

    /// @return log2 of the largest page size that the ITS takes, 0 for none
    private int probePageSize(int n) {
        long value = its.read(GITS_BASER, n);
        for (int code = 2; code >= 0; code--) {
            its.write(GITS_BASER, n, GitsBaser.PAGE_SIZE.set(value, code));
            if (GitsBaser.PAGE_SIZE.get(its.read(GITS_BASER, n)) == code) {
                return 12 + 2 * code;
            }
        }
        return 0;
    }

    private boolean acceptsIndirect(int n) {
        its.write(GITS_BASER, n, attributes | GitsBaser.INDIRECT.mask());
        return GitsBaser.INDIRECT.isSet(its.read(GITS_BASER, n));
    }

    private static long encodeAddress(long table, int log2Page) {
        boolean high = log2Page == 16;
        return high ? (table & 0xffff_ffff_0000L) | (table >>> 48 & 0xf) << 12 : table;
    }

    private boolean writeUntilItSticks(int n, long wanted) {
        for (int attempt = 0; attempt < 3; attempt++) {
            long value = wanted | attributes;
            its.write(GITS_BASER, n, value);
            long got = its.read(GITS_BASER, n);
            if (got == value) {
                return true;
            }
            if (GitsBaser.SHAREABILITY.get(got) == GitsBaser.SHAREABILITY.get(value)) {
                return sameButCaches(got, value);
            }
            attributes =
                    GitsBaser.SHAREABILITY.inPlace(got) | GitsBaser.INNER_CACHE.inPlace(attributes);
            if (GitsBaser.SHAREABILITY.get(got) == 0) {
                attributes = GitsBaser.INNER_CACHE.of(NON_CACHEABLE);
            }
        }
        return false;
    }

    /// An ITS may fix the cacheability; nothing else may differ.
    private static boolean sameButCaches(long got, long wanted) {
        long caches = GitsBaser.INNER_CACHE.mask() | GitsBaser.OUTER_CACHE.mask();
        return ((got ^ wanted) & ~caches) == 0;
    }
}
