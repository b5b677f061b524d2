package dev.belfry.model.gic.spec;

import static dev.belfry.model.bits.Field.bit;
import static dev.belfry.model.bits.Field.bits;

import dev.belfry.model.bits.Field;

/// GITS_BASER<n> (IHI 0069 chapter 12): one table of the ITS in memory.
///
/// @param value the register
public record GitsBaser(long value) {
    public static final Field VALID = bit(63);
    public static final Field INDIRECT = bit(62);
    public static final Field INNER_CACHE = bits(61, 59);
    public static final Field TYPE = bits(58, 56);
    public static final Field OUTER_CACHE = bits(55, 53);
    public static final Field ENTRY_SIZE = bits(52, 48);
    public static final Field PHYSICAL_ADDRESS = bits(47, 12);
    public static final Field SHAREABILITY = bits(11, 10);
    public static final Field PAGE_SIZE = bits(9, 8);
    public static final Field SIZE = bits(7, 0);

    private static final Field ADDRESS_47_16 = bits(47, 16);
    private static final Field ADDRESS_51_48_OF_64K = bits(15, 12);

    /// What the table is for.
    public enum Type {
        NONE(0),
        DEVICES(1),
        VPES(2),
        COLLECTIONS(4),
        RESERVED(7);

        private final int code;

        Type(int code) {
            this.code = code;
        }

        /// The field's value.
        public int code() {
            return code;
        }

        /// The type that the field's value `code` stands for.
        public static Type of(int code) {
            return switch (code) {
                case 0 -> NONE;
                case 1 -> DEVICES;
                case 2 -> VPES;
                case 4 -> COLLECTIONS;
                default -> RESERVED;
            };
        }
    }

    public boolean valid() {
        return VALID.isSet(value);
    }

    /// Whether it is a table of two levels: level-1 entries of 8 bytes with the address of a page.
    public boolean indirect() {
        return INDIRECT.isSet(value);
    }

    public Type type() {
        return Type.of(TYPE.getInt(value));
    }

    /// Bytes of an entry, 1..32: the field holds one less.
    public int entrySize() {
        return ENTRY_SIZE.getInt(value) + 1;
    }

    /// log2 of the page size in bytes: 12, 14 or 16. The reserved value counts as 64 KiB.
    public int pageBits() {
        return switch (PAGE_SIZE.getInt(value)) {
            case 0 -> 12;
            case 1 -> 14;
            default -> 16;
        };
    }

    /// Pages of the table, or of its first level, 1..256: the field holds one less.
    public int pages() {
        return SIZE.getInt(value) + 1;
    }

    /// Physical address of the table. With 64 KiB pages bits 15:12 of the register are address bits
    /// 51:48.
    public long address() {
        return pageBits() == 16
                ? ADDRESS_47_16.inPlace(value) | ADDRESS_51_48_OF_64K.get(value) << 48
                : PHYSICAL_ADDRESS.inPlace(value) & -(1L << pageBits());
    }

    /// How many entries the table has room for, both levels counted.
    public long entries() {
        long page = 1L << pageBits();
        return indirect()
                ? pages() * (page / 8) * (page / entrySize())
                : pages() * page / entrySize();
    }
}
