package dev.belfry.model.gic.spec;

/// A GICv2m frame (Arm SBSA, MSI_*), 4 KiB: a write of an SPI's number to MSI_SETSPI_NS raises it.
public enum V2m implements Register {
    MSI_TYPER(0x0008, 4, 1),
    /// The doorbell: a device writes the SPI's INTID here.
    MSI_SETSPI_NS(0x0040, 4, 1),
    MSI_IIDR(0x0fcc, 4, 1),
    /// What is at no other offset: RES0.
    RESERVED(0x1000, 4, 0);

    /// Size of the frame in bytes.
    public static final int SIZE = 0x1000;

    private static final V2m[] ALL = values();

    private final Place place;

    V2m(int offset, int width, int count) {
        place = new Place(offset, width, count);
    }

    /// Which register the byte at `offset` of the frame belongs to; [#RESERVED] for none.
    public static V2m of(long offset) {
        return Register.find(ALL, offset, RESERVED);
    }

    @Override
    public Place place() {
        return place;
    }
}
