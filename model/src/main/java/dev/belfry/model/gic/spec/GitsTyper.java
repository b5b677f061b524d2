package dev.belfry.model.gic.spec;

import static dev.belfry.model.bits.Field.bit;
import static dev.belfry.model.bits.Field.bits;

import dev.belfry.model.bits.Field;

/// GITS_TYPER (IHI 0069 chapter 12): what an ITS can do.
///
/// @param value the register
public record GitsTyper(long value) {
    public static final Field PHYSICAL = bit(0);
    public static final Field VIRTUAL = bit(1);
    public static final Field ITT_ENTRY_SIZE = bits(7, 4);
    public static final Field ID_BITS = bits(12, 8);
    public static final Field DEVBITS = bits(17, 13);
    public static final Field SEIS = bit(18);
    public static final Field PTA = bit(19);
    public static final Field HCC = bits(31, 24);
    public static final Field CIDBITS = bits(35, 32);
    public static final Field CIL = bit(36);
    public static final Field VMOVP = bit(37);
    public static final Field VMAPP = bit(40);

    /// Bytes of an interrupt translation entry, 1..16: the field holds one less.
    public int ittEntrySize() {
        return ITT_ENTRY_SIZE.getInt(value) + 1;
    }

    /// Bits of an EventID, 1..32.
    public int eventIdBits() {
        return ID_BITS.getInt(value) + 1;
    }

    /// Bits of a DeviceID, 1..32.
    public int deviceIdBits() {
        return DEVBITS.getInt(value) + 1;
    }

    /// Bits of a collection's id: 16 unless CIL says that CIDbits counts.
    public int collectionIdBits() {
        return CIL.isSet(value) ? CIDBITS.getInt(value) + 1 : 16;
    }

    /// Whether there are virtual LPIs (GICv4).
    public boolean virtual() {
        return VIRTUAL.isSet(value);
    }

    /// Whether VMOVP on one ITS moves a vPE on all.
    public boolean vmovp() {
        return VMOVP.isSet(value);
    }

    /// Whether RDbase in commands is a redistributor's physical address, not a processor number.
    public boolean pta() {
        return PTA.isSet(value);
    }

    /// Collections that the ITS holds without memory.
    public int hcc() {
        return HCC.getInt(value);
    }
}
