package dev.belfry.model.smmu.spec;

/// The encoding of address sizes that IDR5.OAS (6.3.6), CD.IPS (5.4) and STE.S2PS (5.2) share.
public final class AddressSize {

    private static final int[] BITS = {32, 36, 40, 42, 44, 48, 52, 56};

    private AddressSize() {}

    /// Size in bits.
    ///
    /// @param code 0..7; 7 is Reserved but where 128-bit descriptors are implemented
    public static int bits(int code) {
        return BITS[code & 7];
    }

    /// The smallest encoding that holds `bits`; beyond 52 bits that of 52.
    ///
    /// @param bits 0 and more
    public static int code(int bits) {
        int code = 0;
        while (code < 6 && BITS[code] < bits) {
            code++;
        }
        return code;
    }
}
