package dev.belfry.model.smmu.spec;

import static dev.belfry.model.bits.Field.bit;
import static dev.belfry.model.bits.Field.bits;

import dev.belfry.model.bits.Field;
import java.util.Map;

/// A level 1 Context Descriptor (IHI 0070 5.3): 8 bytes.
public record L1Cd(long word) {

    /// Size in memory, bytes.
    public static final int BYTES = 8;

    public static final Field V = bit(0);

    /// In place: bits 55:12 of the address.
    public static final Field L2PTR = bits(55, 12);

    /// A valid descriptor of the CDs at `l2Ptr`.
    public static L1Cd of(long l2Ptr) {
        return new L1Cd(V.of(1) | L2PTR.inPlace(l2Ptr));
    }

    public boolean valid() {
        return V.isSet(word);
    }

    /// L2Ptr, the address.
    public long l2Ptr() {
        return L2PTR.inPlace(word);
    }

    /// Decoded fields, in the specification's order.
    public Map<String, String> fields() {
        return new FieldMap().number("V", V, word).address("L2Ptr", L2PTR, word).map();
    }
}
