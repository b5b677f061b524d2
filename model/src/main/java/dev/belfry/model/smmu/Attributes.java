package dev.belfry.model.smmu;

import dev.belfry.model.smmu.spec.Descriptor;
import org.jspecify.annotations.Nullable;

/// Memory type and shareability that a translation gives a transaction (IHI 0070 13.1; Arm ARM
/// D8.6).
///
/// @param memory attribute byte as in MAIR: outer in bits 7:4, inner in bits 3:0; 0x00, 0x04, 0x08,
///   0x0c are Device types
/// @param shareability 0 non-shareable, 2 outer, 3 inner
/// @param incoming whether both are those of the transaction, untouched
public record Attributes(int memory, int shareability, boolean incoming) {

    /// Non-cacheable, inner or outer, as MAIR has it.
    private static final int NC = 4;

    /// As the transaction came in.
    public static final Attributes INCOMING = new Attributes(0xff, 0, true);

    /// The default of 13.1.3: Normal write-back, allocating, Non-shareable.
    static final Attributes DEFAULT = new Attributes(0xff, 0, false);

    /// Whether it is a Device type.
    public boolean isDevice() {
        return !incoming && (memory & 0xf0) == 0;
    }

    /// What the overrides of an STE or of GBPA make of the attributes of a transaction that brings
    /// the defaults of 13.1.3: Normal write-back, allocating, Non-shareable.
    ///
    /// @param type MTCFG
    /// @param memAttr MemAttr, as stage 2 has it but for 0b0100, 0b1000 and 0b1100: Device-nGnRnE
    /// @param alloc ALLOCCFG
    /// @param share SHCFG
    static Attributes overridden(boolean type, int memAttr, int alloc, int share) {
        boolean hints = (alloc & 8) != 0;
        if (!type && !hints && share == 1) {
            return INCOMING;
        }
        if (type && ((memAttr & 0xc) == 0 || (memAttr & 3) == 0)) {
            return new Attributes((memAttr & 0xc) == 0 ? memAttr << 2 : 0, 2, false);
        }
        int outer = type ? nibble(memAttr >>> 2) : 0xf;
        int inner = type ? nibble(memAttr & 3) : 0xf;
        if (hints) {
            outer = hinted(outer, alloc);
            inner = hinted(inner, alloc);
        }
        boolean nonCacheable = outer == 4 && inner == 4;
        return new Attributes(outer << 4 | inner, nonCacheable ? 2 : share == 1 ? 0 : share, false);
    }

    /// Non-cacheable, write-through or write-back as MAIR has it, with both allocation hints.
    private static int nibble(int s2) {
        return s2 == 1 ? NC : s2 == 2 ? 0xb : 0xf;
    }

    /// A cacheability with R, W and T of ALLOCCFG.
    private static int hinted(int nibble, int alloc) {
        return nibble == NC ? NC : cacheable(nibble, alloc >>> 1 & 3, (alloc & 1) != 0);
    }

    /// Write-through or write-back as `nibble` is, with other hints; transient without allocation
    /// is no such thing (13.1.7).
    private static int cacheable(int nibble, int hints, boolean transientHint) {
        return (transientHint && hints != 0 ? 0 : 8) | (nibble & 4) | hints;
    }

    /// What a stage 1 leaf says, through MAIR.
    static Attributes stage1(long mair, Descriptor leaf) {
        int index = Descriptor.ATTR_INDX.getInt(leaf.word());
        int attr = (int) (mair >>> (8 * index)) & 0xff;
        int known =
                // Reserved encodings have a meaning here (5.4 MAIR1).
                (attr & 0xf0) == 0 ? attr & 0xc : (attr & 0xf) == 0 ? attr | 3 : attr;
        return new Attributes(known, share(leaf), false);
    }

    /// 0b01 is Reserved, and taken as Non-shareable.
    private static int share(Descriptor leaf) {
        int sh = Descriptor.SH.getInt(leaf.word());
        return sh == 1 ? 0 : sh;
    }

    /// Combined with what stage 2 says: the stricter of each.
    Attributes combine(Descriptor leaf, boolean forceWriteBack) {
        int s2 = Descriptor.MEMATTR.getInt(leaf.word());
        int sh2 = share(leaf);
        int first = incoming ? 0xff : memory;
        int share = shareability == 2 || sh2 == 2 ? 2 : Math.max(shareability, sh2);
        boolean device = (first & 0xf0) == 0;
        if (forceWriteBack ? (s2 & 4) == 0 : (s2 & 0xc) == 0) {
            int type = (s2 & 3) << 2;
            return new Attributes(device ? Math.min(first, type) : type, 2, false);
        }
        if (forceWriteBack) {
            return new Attributes(forced(first, device, s2 & 3), share, false);
        }
        if (device) {
            return new Attributes(first, 2, false);
        }
        int outer = stricter(first >>> 4, s2 >>> 2);
        int inner = stricter(first & 0xf, s2 & 3);
        return new Attributes(outer << 4 | inner, share, false);
    }

    /// S2FWB with MemAttr[2] = 1: 0b01 is Non-cacheable, 0b10 write-back, 0b11 what stage 1 has;
    /// the Reserved 0b00 is taken as 0b01 (Arm ARM D8.6.6).
    private static int forced(int first, boolean device, int low) {
        return switch (low) {
            case 2 -> device ? 0xff : writeBack(first >>> 4) << 4 | writeBack(first & 0xf);
            case 3 -> first;
            default -> device ? first : NC << 4 | NC;
        };
    }

    /// Write-back with stage 1's hints, where it has any.
    private static int writeBack(int nibble) {
        return nibble == NC ? 0xf : nibble | 4;
    }

    /// Non-cacheable, then write-through, then write-back; with stage 1's hints.
    private static int stricter(int nibble, int s2) {
        return nibble == NC || s2 == 1 ? NC : s2 == 2 ? nibble & 0xb : nibble;
    }

    /// Combined with the hints of a transaction's own attributes, after overrides: no allocation
    /// and transient prevail (13.1.5, 13.4.2).
    Attributes withHintsOf(Attributes input) {
        if (input.incoming || input.isDevice() || isDevice()) {
            return this;
        }
        int outer = lowered(memory >>> 4, input.memory >>> 4);
        int inner = lowered(memory & 0xf, input.memory & 0xf);
        return new Attributes(outer << 4 | inner, shareability, incoming);
    }

    private static int lowered(int nibble, int input) {
        return nibble == NC || input == NC
                ? nibble
                : cacheable(nibble, nibble & input & 3, (nibble & input & 8) == 0);
    }

    /// As they leave the SMMU: Device and Non-cacheable memory is Outer shareable, and what does
    /// not allocate is not transient (13.1.7).
    Attributes consistent() {
        if (incoming) {
            return this;
        }
        if (isDevice() || memory == (NC << 4 | NC)) {
            return shareability == 2 ? this : new Attributes(memory, 2, false);
        }
        return this;
    }

    int pack() {
        return memory | shareability << 8 | (incoming ? 1 << 10 : 0);
    }

    /// MemAttr and SH of a stage 2 leaf.
    static int pack(Descriptor leaf) {
        return Descriptor.MEMATTR.getInt(leaf.word()) | Descriptor.SH.getInt(leaf.word()) << 4;
    }

    /// A stage 2 leaf with the MemAttr and SH that [#pack(Descriptor)] made of one.
    static Descriptor unpackLeaf(int bits) {
        return new Descriptor(Descriptor.MEMATTR.of(bits & 0xf) | Descriptor.SH.of(bits >>> 4 & 3));
    }

    /// The attributes that were met, one object each: translations share them.
    static final class Known {
        private final @Nullable Attributes[] byBits = new Attributes[1 << 11];

        /// What [#pack] made of attributes.
        Attributes unpack(int bits) {
            int index = bits & byBits.length - 1;
            Attributes known = byBits[index];
            return known != null ? known : add(index);
        }

        private Attributes add(int bits) {
            Attributes made = new Attributes(bits & 0xff, bits >>> 8 & 3, (bits & 1 << 10) != 0);
            byBits[bits] = made;
            return made;
        }
    }
}
