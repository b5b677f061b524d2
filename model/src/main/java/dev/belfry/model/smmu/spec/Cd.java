package dev.belfry.model.smmu.spec;

import static dev.belfry.model.bits.Field.bit;
import static dev.belfry.model.bits.Field.bits;

import dev.belfry.model.bits.Field;
import java.util.Map;

/// A Context Descriptor (IHI 0070 5.4): eight 64-bit words, 64 bytes in memory.
///
/// Each field is a constant relative to its word; addresses are used in place.
public record Cd(long w0, long w1, long w2, long w3, long w4, long w5, long w6, long w7) {

    /// Size in memory, bytes.
    public static final int BYTES = 64;

    // Word 0: bits 63:0.
    public static final Field T0SZ = bits(5, 0);
    public static final Field TG0 = bits(7, 6);
    public static final Field IR0 = bits(9, 8);
    public static final Field OR0 = bits(11, 10);
    public static final Field SH0 = bits(13, 12);
    public static final Field EPD0 = bit(14);
    public static final Field ENDI = bit(15);
    public static final Field T1SZ = bits(21, 16);
    public static final Field TG1 = bits(23, 22);
    public static final Field IR1 = bits(25, 24);
    public static final Field OR1 = bits(27, 26);
    public static final Field SH1 = bits(29, 28);
    public static final Field EPD1 = bit(30);
    public static final Field V = bit(31);
    public static final Field IPS = bits(34, 32);
    public static final Field AFFD = bit(35);
    public static final Field WXN = bit(36);
    public static final Field UWXN = bit(37);
    public static final Field TBI0 = bit(38);
    public static final Field TBI1 = bit(39);
    public static final Field PAN = bit(40);
    public static final Field AA64 = bit(41);
    public static final Field HD = bit(42);
    public static final Field HA = bit(43);
    public static final Field S = bit(44);
    public static final Field R = bit(45);
    public static final Field A = bit(46);
    public static final Field ASET = bit(47);
    public static final Field ASID = bits(63, 48);

    // Word 1: bits 127:64.
    public static final Field NSCFG0 = bit(0);
    public static final Field HAD0 = bit(1);
    public static final Field E0PD0 = bit(2);
    public static final Field HAFT = bit(3);

    /// In place: bits 51:4 of the address.
    public static final Field TTB0 = bits(51, 4);

    public static final Field EPAN = bit(59);

    // Word 2: bits 191:128.
    public static final Field NSCFG1 = bit(0);
    public static final Field HAD1 = bit(1);
    public static final Field E0PD1 = bit(2);
    public static final Field AIE = bit(3);

    /// In place: bits 51:4 of the address.
    public static final Field TTB1 = bits(51, 4);

    public static final Field DS = bit(58);
    public static final Field PIE = bit(59);

    // Word 3: bits 255:192.
    public static final Field MAIR0 = bits(31, 0);
    public static final Field MAIR1 = bits(63, 32);

    // Word 4: bits 319:256.
    public static final Field AMAIR0 = bits(31, 0);
    public static final Field AMAIR1 = bits(63, 32);

    // Word 5: bits 383:320.
    public static final Field PARTID = bits(47, 32);
    public static final Field PMG = bits(55, 48);

    /// All zeros: not valid.
    public static final Cd ZERO = new Cd(0, 0, 0, 0, 0, 0, 0, 0);

    /// From eight words.
    public static Cd of(long[] w) {
        return new Cd(w[0], w[1], w[2], w[3], w[4], w[5], w[6], w[7]);
    }

    /// The words as they lie in memory.
    public long[] words() {
        return new long[] {w0, w1, w2, w3, w4, w5, w6, w7};
    }

    /// Word `index`, 0..7.
    public long word(int index) {
        return words()[index];
    }

    /// With word `index`, 0..7, replaced.
    public Cd withWord(int index, long value) {
        long[] w = words();
        w[index] = value;
        return of(w);
    }

    /// With a field of word `index` replaced.
    public Cd with(int index, Field field, long value) {
        return withWord(index, field.set(word(index), value));
    }

    /// CD.V.
    public boolean valid() {
        return V.isSet(w0);
    }

    /// CD.ASID.
    public int asid() {
        return ASID.getInt(w0);
    }

    /// CD.TTB0, the address.
    public long ttb0() {
        return TTB0.inPlace(w1);
    }

    /// CD.TTB1, the address.
    public long ttb1() {
        return TTB1.inPlace(w2);
    }

    /// CD.MAIR0 and MAIR1 as one word: attribute n in byte n.
    public long mair() {
        return w3;
    }

    /// Decoded fields, in the specification's order.
    public Map<String, String> fields() {
        FieldMap out = new FieldMap();
        out.number("T0SZ", T0SZ, w0)
                .number("TG0", TG0, w0)
                .number("IR0", IR0, w0)
                .number("OR0", OR0, w0)
                .number("SH0", SH0, w0)
                .number("EPD0", EPD0, w0)
                .number("ENDI", ENDI, w0)
                .number("T1SZ", T1SZ, w0)
                .number("TG1", TG1, w0)
                .number("IR1", IR1, w0)
                .number("OR1", OR1, w0)
                .number("SH1", SH1, w0)
                .number("EPD1", EPD1, w0)
                .number("V", V, w0)
                .number("IPS", IPS, w0)
                .number("AFFD", AFFD, w0)
                .number("WXN", WXN, w0)
                .number("UWXN", UWXN, w0)
                .number("TBI0", TBI0, w0)
                .number("TBI1", TBI1, w0)
                .number("PAN", PAN, w0)
                .number("AA64", AA64, w0)
                .number("HD", HD, w0)
                .number("HA", HA, w0)
                .number("S", S, w0)
                .number("R", R, w0)
                .number("A", A, w0)
                .number("ASET", ASET, w0)
                .number("ASID", ASID, w0)
                .number("HAD0", HAD0, w1)
                .address("TTB0", TTB0, w1)
                .number("HAD1", HAD1, w2)
                .address("TTB1", TTB1, w2)
                .hex("MAIR0", MAIR0.get(w3))
                .hex("MAIR1", MAIR1.get(w3));
        return out.map();
    }
}
