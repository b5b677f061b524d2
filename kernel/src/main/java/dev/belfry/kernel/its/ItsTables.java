package dev.belfry.kernel.its;

import static dev.belfry.model.bits.Field.bit;
import static dev.belfry.model.bits.Field.bits;

import dev.belfry.kernel.Machine;
import dev.belfry.kernel.memory.PageAllocator;
import dev.belfry.model.bits.Field;

/// Gives an ITS its tables (GITS_BASER0..7, IHI 0069 12.19.1): page sizes are tried largest first,
/// the device table is made indirect where it is large, attributes that do not stick are given up.
final class ItsTables {

    private static final int BASER0 = 0x100;
    private static final int BASERS = 8;

    private static final Field VALID = bit(63);
    private static final Field INDIRECT = bit(62);
    private static final Field INNER_CACHE = bits(61, 59);
    private static final Field TYPE = bits(58, 56);
    private static final Field OUTER_CACHE = bits(55, 53);
    private static final Field ENTRY_SIZE = bits(52, 48);
    private static final Field SHAREABILITY = bits(11, 10);
    private static final Field PAGE_SIZE = bits(9, 8);
    private static final Field SIZE = bits(7, 0);

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
    private long attributes = INNER_CACHE.of(RA_WA_WB) | SHAREABILITY.of(INNER_SHAREABLE);

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
        if (!VALID.isSet(machine.read(slot, 8))) {
            long page = pages.allocate(1L << log2Level2, 1L << log2Level2);
            machine.write(slot, 8, page | VALID.mask());
        }
        return true;
    }

    /// @return false when a table cannot be had (`ENXIO`)
    boolean allocate() {
        boolean done = true;
        for (int index = 0; index < BASERS; index++) {
            long register = its + BASER0 + 8L * index;
            int type = TYPE.getInt(machine.read(register, 8));
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
        int entryBytes = ENTRY_SIZE.getInt(value) + 1;
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
                VALID.mask()
                        | INDIRECT.of(indirect ? 1 : 0)
                        | TYPE.of(type)
                        | ENTRY_SIZE.of(entryBytes - 1)
                        | encodeAddress(table, log2Page)
                        | PAGE_SIZE.of((log2Page - 12) / 2)
                        | SIZE.of(pageCount - 1);
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
            machine.write(register, 8, PAGE_SIZE.set(value, code));
            if (PAGE_SIZE.get(machine.read(register, 8)) == code) {
                return 12 + 2 * code;
            }
        }
        return 0;
    }

    private boolean acceptsIndirect(long register) {
        machine.write(register, 8, attributes | INDIRECT.mask());
        return INDIRECT.isSet(machine.read(register, 8));
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
            if (SHAREABILITY.get(got) == SHAREABILITY.get(value)) {
                return sameButCaches(got, value);
            }
            attributes = SHAREABILITY.inPlace(got) | INNER_CACHE.inPlace(attributes);
            if (SHAREABILITY.get(got) == 0) {
                attributes = INNER_CACHE.of(NON_CACHEABLE);
            }
        }
        return false;
    }

    /// An ITS may fix the cacheability; nothing else may differ.
    private static boolean sameButCaches(long got, long wanted) {
        long caches = INNER_CACHE.mask() | OUTER_CACHE.mask();
        return ((got ^ wanted) & ~caches) == 0;
    }
}
