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

    /// As the transaction came in.
    public static final Attributes INCOMING = new Attributes(0xff, 0, true);

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
        return s2 == 1 ? 0x4 : s2 == 2 ? 0xb : 0xf;
    }

    /// R, W and T of ALLOCCFG; transient without allocation is no such thing (5.2).
    private static int hinted(int nibble, int alloc) {
        if (nibble == 4) {
            return nibble;
        }
        int hints = alloc >>> 1 & 3;
        boolean transientHint = (alloc & 1) != 0 && hints != 0;
        return (nibble & (transientHint ? 0x4 : 0xc)) | hints;
    }

    static Attributes stage1(long mair, Descriptor leaf) {
        int index = Descriptor.ATTR_INDX.getInt(leaf.word());
        int attr = (int) (mair >>> (8 * index)) & 0xff;
        return new Attributes(attr, Descriptor.SH.getInt(leaf.word()), false);
    }

    /// Combined with what stage 2 says: the stricter of each.
    Attributes combine(Descriptor leaf, boolean forceWriteBack) {
        int s2 = Descriptor.MEMATTR.getInt(leaf.word());
        int sh2 = Descriptor.SH.getInt(leaf.word());
        int first = incoming ? 0xff : memory;
        int share = shareability == 2 || sh2 == 2 ? 2 : Math.max(shareability, sh2);
        if (forceWriteBack) {
            // 0b110 forces write-back, 0b111 leaves stage 1's; 0b0xx is Device (D8.6.6).
            if ((s2 & 4) == 0) {
                return new Attributes(deviceOf(first, (s2 & 3) << 2), 2, false);
            }
            return (s2 & 3) == 2
                    ? new Attributes(0xff, share, false)
                    : new Attributes(first, share, false);
        }
        if ((s2 & 0xc) == 0) {
            return new Attributes(deviceOf(first, (s2 & 3) << 2), 2, false);
        }
        if ((first & 0xf0) == 0) {
            return new Attributes(first, 2, false);
        }
        int outer = stricter(first >>> 4, s2 >>> 2);
        int inner = stricter(first & 0xf, s2 & 3);
        boolean nonCacheable = outer == 4 && inner == 4;
        return new Attributes(outer << 4 | inner, nonCacheable ? 2 : share, false);
    }

    /// The stricter of a Device type and whatever stage 1 has.
    private static int deviceOf(int first, int device) {
        return (first & 0xf0) == 0 ? Math.min(first, device) : device;
    }

    /// Non-cacheable, then write-through, then write-back.
    private static int stricter(int nibble, int s2) {
        boolean nonCacheable = nibble == 4 || s2 == 1;
        boolean writeThrough = (nibble & 0xc) == 0x8 || (nibble & 0xc) == 0 || s2 == 2;
        return nonCacheable ? 4 : writeThrough ? 0x8 | (nibble & 3) : nibble;
    }

    int pack() {
        return memory | shareability << 8 | (incoming ? 1 << 10 : 0);
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
