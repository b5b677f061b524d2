package dev.belfry.model.smmu.spec;

import static dev.belfry.model.bits.Field.bits;

import dev.belfry.model.bits.Field;
import java.util.Map;

/// A level 1 Stream Table Descriptor (IHI 0070 5.1): 8 bytes.
public record L1Std(long word) {

    /// Size in memory, bytes.
    public static final int BYTES = 8;

    public static final Field SPAN = bits(4, 0);

    /// In place: bits 55:6 of the address.
    public static final Field L2PTR = bits(55, 6);

    /// A descriptor of `2^(span-1)` STEs at `l2Ptr`.
    public static L1Std of(int span, long l2Ptr) {
        return new L1Std(SPAN.of(span) | L2PTR.inPlace(l2Ptr));
    }

    /// 0: no level 2 array; n: 2^(n-1) STEs; 12..31 Reserved.
    public int span() {
        return SPAN.getInt(word);
    }

    /// L2Ptr, the address, before it is aligned to the array's size.
    public long l2Ptr() {
        return L2PTR.inPlace(word);
    }

    /// Decoded fields, in the specification's order.
    public Map<String, String> fields() {
        return new FieldMap().number("Span", SPAN, word).address("L2Ptr", L2PTR, word).map();
    }
}
