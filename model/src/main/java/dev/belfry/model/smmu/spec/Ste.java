package dev.belfry.model.smmu.spec;

import static dev.belfry.model.bits.Field.bit;
import static dev.belfry.model.bits.Field.bits;

import dev.belfry.model.bits.Field;
import java.util.Map;

/// A Stream Table Entry (IHI 0070 5.2): eight 64-bit words, 64 bytes in memory.
///
/// Each field is a constant relative to its word. Addresses are used in place ([Field#inPlace]).
/// Words are composed with [Field#of] and [Field#set]: `Ste.V.of(1) | Ste.CONFIG.of(5) | cdTable`.
public record Ste(long w0, long w1, long w2, long w3, long w4, long w5, long w6, long w7) {

    /// Size in memory, bytes.
    public static final int BYTES = 64;

    // Word 0: bits 63:0.
    public static final Field V = bit(0);
    public static final Field CONFIG = bits(3, 1);
    public static final Field S1FMT = bits(5, 4);

    /// In place: bits 55:6 of the address.
    public static final Field S1CONTEXTPTR = bits(55, 6);

    public static final Field S1CDMAX = bits(63, 59);

    // Word 1: bits 127:64.
    public static final Field S1DSS = bits(1, 0);
    public static final Field S1CIR = bits(3, 2);
    public static final Field S1COR = bits(5, 4);
    public static final Field S1CSH = bits(7, 6);
    public static final Field S2HWU59 = bit(8);
    public static final Field S2HWU60 = bit(9);
    public static final Field S2HWU61 = bit(10);
    public static final Field S2HWU62 = bit(11);
    public static final Field DRE = bit(12);
    public static final Field CONT = bits(16, 13);
    public static final Field DCP = bit(17);
    public static final Field PPAR = bit(18);
    public static final Field MEV = bit(19);
    public static final Field SW_RESERVED = bits(23, 20);
    public static final Field S1PIE = bit(24);
    public static final Field S2FWB = bit(25);
    public static final Field S1MPAM = bit(26);
    public static final Field S1STALLD = bit(27);
    public static final Field EATS = bits(29, 28);
    public static final Field STRW = bits(31, 30);
    public static final Field MEMATTR = bits(35, 32);
    public static final Field MTCFG = bit(36);
    public static final Field ALLOCCFG = bits(40, 37);
    public static final Field SHCFG = bits(45, 44);
    public static final Field NSCFG = bits(47, 46);
    public static final Field PRIVCFG = bits(49, 48);
    public static final Field INSTCFG = bits(51, 50);

    // Word 2: bits 191:128.
    public static final Field S2VMID = bits(15, 0);
    public static final Field S2T0SZ = bits(37, 32);
    public static final Field S2SL0 = bits(39, 38);
    public static final Field S2IR0 = bits(41, 40);
    public static final Field S2OR0 = bits(43, 42);
    public static final Field S2SH0 = bits(45, 44);
    public static final Field S2TG = bits(47, 46);
    public static final Field S2PS = bits(50, 48);
    public static final Field S2AA64 = bit(51);
    public static final Field S2ENDI = bit(52);
    public static final Field S2AFFD = bit(53);
    public static final Field S2PTW = bit(54);
    public static final Field S2HD = bit(55);
    public static final Field S2HA = bit(56);
    public static final Field S2S = bit(57);
    public static final Field S2R = bit(58);

    // Word 3: bits 255:192.
    public static final Field S2NSW = bit(0);
    public static final Field S2NSA = bit(1);
    public static final Field S2SL0_2 = bit(2);
    public static final Field S2DS = bit(3);

    /// In place: bits 51:4 of the address.
    public static final Field S2TTB = bits(51, 4);

    // Word 4: bits 319:256.
    public static final Field PARTID = bits(31, 16);

    // Word 5: bits 383:320.
    public static final Field PMG = bits(7, 0);

    /// In place: bits 55:12 of the address.
    public static final Field VMSPTR = bits(55, 12);

    /// STE.Config. `0b0xx` is abort, whatever its other two bits (5.2).
    public enum Config {
        ABORT,
        BYPASS,
        S1,
        S2,
        NESTED;

        /// Of the three bits of the field.
        public static Config of(int bits) {
            return switch (bits & 7) {
                case 4 -> BYPASS;
                case 5 -> S1;
                case 6 -> S2;
                case 7 -> NESTED;
                default -> ABORT;
            };
        }

        /// The field's value.
        public int bits() {
            return switch (this) {
                case ABORT -> 0;
                case BYPASS -> 4;
                case S1 -> 5;
                case S2 -> 6;
                case NESTED -> 7;
            };
        }

        /// Whether stage 1 translates.
        public boolean stage1() {
            return this == S1 || this == NESTED;
        }

        /// Whether stage 2 translates.
        public boolean stage2() {
            return this == S2 || this == NESTED;
        }
    }

    /// All zeros: not valid.
    public static final Ste ZERO = new Ste(0, 0, 0, 0, 0, 0, 0, 0);

    /// V = 1, Config = abort: transactions end without an event.
    public static Ste abort() {
        return ZERO.withWord(0, V.of(1));
    }

    /// V = 1, Config = bypass, with the incoming attributes (SHCFG = 1).
    public static Ste bypass() {
        return ZERO.withWord(0, V.of(1) | CONFIG.of(4)).withWord(1, SHCFG.of(1));
    }

    /// Word `index`, 0..7.
    public long word(int index) {
        return switch (index) {
            case 0 -> w0;
            case 1 -> w1;
            case 2 -> w2;
            case 3 -> w3;
            case 4 -> w4;
            case 5 -> w5;
            case 6 -> w6;
            case 7 -> w7;
            default -> throw new IndexOutOfBoundsException(index);
        };
    }

    /// With word `index`, 0..7, replaced.
    public Ste withWord(int index, long value) {
        long[] w = words();
        w[index] = value;
        return of(w);
    }

    /// With a field of word `index` replaced.
    public Ste with(int index, Field field, long value) {
        return withWord(index, field.set(word(index), value));
    }

    /// From eight words.
    public static Ste of(long[] w) {
        return new Ste(w[0], w[1], w[2], w[3], w[4], w[5], w[6], w[7]);
    }

    /// The words as they lie in memory.
    public long[] words() {
        return new long[] {w0, w1, w2, w3, w4, w5, w6, w7};
    }

    /// STE.V.
    public boolean valid() {
        return V.isSet(w0);
    }

    /// STE.Config.
    public Config config() {
        return Config.of(CONFIG.getInt(w0));
    }

    /// STE.S1ContextPtr, the address.
    public long s1ContextPtr() {
        return S1CONTEXTPTR.inPlace(w0);
    }

    /// STE.S2TTB, the address.
    public long s2ttb() {
        return S2TTB.inPlace(w3);
    }

    /// Decoded fields, in the specification's order.
    public Map<String, String> fields() {
        FieldMap out = new FieldMap();
        out.number("V", V, w0)
                .number("Config", CONFIG, w0)
                .number("S1Fmt", S1FMT, w0)
                .address("S1ContextPtr", S1CONTEXTPTR, w0)
                .number("S1CDMax", S1CDMAX, w0)
                .number("S1DSS", S1DSS, w1)
                .number("S1CIR", S1CIR, w1)
                .number("S1COR", S1COR, w1)
                .number("S1CSH", S1CSH, w1)
                .number("CONT", CONT, w1)
                .number("MEV", MEV, w1)
                .number("S2FWB", S2FWB, w1)
                .number("S1STALLD", S1STALLD, w1)
                .number("EATS", EATS, w1)
                .number("STRW", STRW, w1)
                .number("MemAttr", MEMATTR, w1)
                .number("MTCFG", MTCFG, w1)
                .number("ALLOCCFG", ALLOCCFG, w1)
                .number("SHCFG", SHCFG, w1)
                .number("NSCFG", NSCFG, w1)
                .number("PRIVCFG", PRIVCFG, w1)
                .number("INSTCFG", INSTCFG, w1);
        stage2Fields(out);
        return out.map();
    }

    private void stage2Fields(FieldMap out) {
        out.number("S2VMID", S2VMID, w2)
                .number("S2T0SZ", S2T0SZ, w2)
                .number("S2SL0", S2SL0, w2)
                .number("S2IR0", S2IR0, w2)
                .number("S2OR0", S2OR0, w2)
                .number("S2SH0", S2SH0, w2)
                .number("S2TG", S2TG, w2)
                .number("S2PS", S2PS, w2)
                .number("S2AA64", S2AA64, w2)
                .number("S2ENDI", S2ENDI, w2)
                .number("S2AFFD", S2AFFD, w2)
                .number("S2PTW", S2PTW, w2)
                .number("S2HD", S2HD, w2)
                .number("S2HA", S2HA, w2)
                .number("S2S", S2S, w2)
                .number("S2R", S2R, w2)
                .address("S2TTB", S2TTB, w3);
    }
}
