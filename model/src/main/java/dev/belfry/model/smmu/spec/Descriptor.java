package dev.belfry.model.smmu.spec;

import static dev.belfry.model.bits.Field.bit;
import static dev.belfry.model.bits.Field.bits;

import dev.belfry.model.bits.Field;
import java.util.Map;

/// A VMSAv8-64 translation table descriptor of stage 1 or stage 2 (Arm ARM D8.3): 8 bytes.
public record Descriptor(long word) {

    /// Size in memory, bytes.
    public static final int BYTES = 8;

    public static final Field VALID = bit(0);

    /// 1: a Table descriptor, or a Page descriptor at level 3; 0: a Block descriptor.
    public static final Field TABLE = bit(1);

    // Block and Page descriptors of stage 1.
    public static final Field ATTR_INDX = bits(4, 2);
    public static final Field NS = bit(5);
    public static final Field AP = bits(7, 6);
    public static final Field SH = bits(9, 8);
    public static final Field AF = bit(10);
    public static final Field NG = bit(11);
    public static final Field DBM = bit(51);
    public static final Field CONTIGUOUS = bit(52);
    public static final Field PXN = bit(53);
    public static final Field UXN = bit(54);

    // Those of stage 2, where they differ.
    public static final Field MEMATTR = bits(5, 2);
    public static final Field S2AP = bits(7, 6);
    public static final Field XN = bits(54, 53);

    // Table descriptors of stage 1.
    public static final Field PXNTABLE = bit(59);
    public static final Field XNTABLE = bit(60);
    public static final Field APTABLE = bits(62, 61);
    public static final Field NSTABLE = bit(63);

    // Output and next-level addresses, in place. With 64 KiB granules and 52-bit addresses,
    // OA[51:48]
    // are bits 15:12.
    public static final Field ADDRESS_4K = bits(47, 12);
    public static final Field ADDRESS_16K = bits(47, 14);
    public static final Field ADDRESS_64K = bits(47, 16);
    public static final Field ADDRESS_51_48 = bits(15, 12);

    /// Bit 0.
    public boolean valid() {
        return VALID.isSet(word);
    }

    /// Whether a descriptor above level 3 is a Table descriptor.
    public static boolean isTable(long word) {
        return (word & 3) == 3;
    }

    /// The address field for a granule, in place; bits 51:48 from bits 15:12 when `lpa`.
    ///
    /// @param word the descriptor, bare: walks have no use for an object a level
    /// @param granuleBits 12, 14 or 16
    /// @param lpa whether a 64 KiB granule carries 52-bit addresses
    public static long address(long word, int granuleBits, boolean lpa) {
        return switch (granuleBits) {
            case 12 -> ADDRESS_4K.inPlace(word);
            case 14 -> ADDRESS_16K.inPlace(word);
            default -> ADDRESS_64K.inPlace(word) | (lpa ? ADDRESS_51_48.get(word) << 48 : 0);
        };
    }

    /// As [#address(long, int, boolean)], of this descriptor.
    public long address(int granuleBits, boolean lpa) {
        return address(word, granuleBits, lpa);
    }

    /// Decoded fields, in the order of the Arm ARM, from bit 0 up.
    ///
    /// @param stage 1 or 2
    /// @param table whether it is a Table descriptor at its level
    /// @param address its address as decoded
    public Map<String, String> fields(int stage, boolean table, long address) {
        FieldMap out = new FieldMap().number("Valid", VALID, word);
        out.text("Type", table ? "Table" : "Leaf");
        if (table) {
            out.hex("NextLevelTable", address);
            if (stage == 1) {
                out.number("PXNTable", PXNTABLE, word)
                        .number("XNTable", XNTABLE, word)
                        .number("APTable", APTABLE, word);
            }
            return out.map();
        }
        if (stage == 1) {
            out.number("AttrIndx", ATTR_INDX, word).number("AP", AP, word);
        } else {
            out.number("MemAttr", MEMATTR, word).number("S2AP", S2AP, word);
        }
        out.number("SH", SH, word).number("AF", AF, word);
        if (stage == 1) {
            out.number("nG", NG, word);
        }
        out.hex("OutputAddress", address)
                .number("DBM", DBM, word)
                .number("Contiguous", CONTIGUOUS, word);
        if (stage == 1) {
            out.number("PXN", PXN, word).number("UXN", UXN, word);
        } else {
            out.number("XN", XN, word);
        }
        return out.map();
    }
}
