package dev.belfry.kernel.its;

import dev.belfry.kernel.Machine;
import dev.belfry.kernel.memory.PageAllocator;
import dev.belfry.model.gic.spec.GitsBaser;

/// Gives an ITS its tables (GITS_BASER0..7, IHI 0069 12.19.1): page sizes are tried largest first,
/// the device table is made indirect where it is large, attributes that do not stick are given up.
final class ItsTables {

    private static final int BASER0 = 0x100;
    private static final int BASERS = 8;

    private static final int TYPE_DEVICE = 1;
    private static final int TYPE_COLLECTION = 4;
    private static final int RA_WA_WB = 7;
    private static final int NON_CACHEABLE = 1;
    private static final int INNER_SHAREABLE = 1;
    private static final int L1_ENTRY_BYTES = 8;
    private static final int MAX_PAGES = 256;

    private final Machine machine;
    private final PageAllocator pages;
    private final long its;
    private final int deviceIdBits;
    private long attributes =
            GitsBaser.INNER_CACHE.of(RA_WA_WB) | GitsBaser.SHAREABILITY.of(INNER_SHAREABLE);

    /// The device table where it is indirect: level 1, its entries, and what a page of level 2
    /// holds.
    private long level1;

    private long level1Entries;
    private int log2Level2;
    private int log2IdsPerPage;

    ItsTables(Machine machine, PageAllocator pages, long its, int deviceIdBits) {
        this.machine = machine;
        this.pages = pages;
        this.its = its;
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
        for (int index = 0; index < BASERS; index++) {
            long register = its + BASER0 + 8L * index;
            int type = GitsBaser.TYPE.getInt(machine.read(register, 8));
            done &= type == 0 || allocate(register, type);
        }
        return done;
    }

    private boolean allocate(long register, int type) {
        int log2Page = probePageSize(register);
        if (log2Page == 0) {
            return false;
        }
        long value = machine.read(register, 8);
        int entryBytes = GitsBaser.ENTRY_SIZE.getInt(value) + 1;
        long bytes = 1L << log2Page;
        boolean indirect = false;
        if (type == TYPE_DEVICE) {
            long flat = (long) entryBytes << deviceIdBits;
            indirect = flat > 2L << log2Page && acceptsIndirect(register);
            machine.read(register, 8);
            bytes = Math.max(bytes, indirect ? l1Bytes(log2Page, entryBytes) : flat);
        } else if (type != TYPE_COLLECTION) {
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
                        | GitsBaser.TYPE.of(type)
                        | GitsBaser.ENTRY_SIZE.of(entryBytes - 1)
                        | encodeAddress(table, log2Page)
                        | GitsBaser.PAGE_SIZE.of((log2Page - 12) / 2)
                        | GitsBaser.SIZE.of(pageCount - 1);
        return writeUntilItSticks(register, wanted);
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
    private int probePageSize(long register) {
        long value = machine.read(register, 8);
        for (int code = 2; code >= 0; code--) {
            machine.write(register, 8, GitsBaser.PAGE_SIZE.set(value, code));
            if (GitsBaser.PAGE_SIZE.get(machine.read(register, 8)) == code) {
                return 12 + 2 * code;
            }
        }
        return 0;
    }

    private boolean acceptsIndirect(long register) {
        machine.write(register, 8, attributes | GitsBaser.INDIRECT.mask());
        return GitsBaser.INDIRECT.isSet(machine.read(register, 8));
    }

    private static long encodeAddress(long table, int log2Page) {
        boolean high = log2Page == 16;
        return high ? (table & 0xffff_ffff_0000L) | (table >>> 48 & 0xf) << 12 : table;
    }

    private boolean writeUntilItSticks(long register, long wanted) {
        for (int attempt = 0; attempt < 3; attempt++) {
            long value = wanted | attributes;
            machine.write(register, 8, value);
            long got = machine.read(register, 8);
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
