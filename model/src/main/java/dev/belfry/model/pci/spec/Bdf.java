package dev.belfry.model.pci.spec;

/// A PCI function's address.
///
/// @param segment 0..65535
/// @param bus 0..255
/// @param device 0..31
/// @param function 0..7
public record Bdf(int segment, int bus, int device, int function) {

    public Bdf {
        if (segment >>> 16 != 0 || bus >>> 8 != 0 || device >>> 5 != 0 || function >>> 3 != 0) {
            throw new IllegalArgumentException(
                    "no such PCI address: " + segment + ":" + bus + ":" + device + "." + function);
        }
    }

    /// From a requester id.
    public static Bdf of(int segment, int routingId) {
        return new Bdf(segment, (routingId >>> 8) & 0xff, (routingId >>> 3) & 0x1f, routingId & 7);
    }

    /// The 16-bit requester id.
    public int routingId() {
        return bus << 8 | device << 3 | function;
    }

    /// Device and function as one number, 0..255.
    public int devfn() {
        return device << 3 | function;
    }

    /// Written out, as [#hashCode]: those that a record has of itself are made at their first use,
    /// which a short command would wait for.
    @Override
    public boolean equals(Object o) {
        return o instanceof Bdf b && segment == b.segment && routingId() == b.routingId();
    }

    @Override
    public int hashCode() {
        return segment << 16 | routingId();
    }

    /// `BB:DD.F`.
    public String withoutSegment() {
        return String.format("%02x:%02x.%x", bus, device, function);
    }

    /// `SSSS:BB:DD.F`.
    @Override
    public String toString() {
        return String.format("%04x:%s", segment, withoutSegment());
    }
}
