package dev.belfry.model.gic.spec;

/// The GICv2 CPU interface (IHI 0048 4.4, GICC_*), 8 KiB: GICC_DIR is in the second page.
public enum Gicc implements Register {
    GICC_CTLR(0x0000, 4, 1),
    GICC_PMR(0x0004, 4, 1),
    GICC_BPR(0x0008, 4, 1),
    GICC_IAR(0x000c, 4, 1),
    GICC_EOIR(0x0010, 4, 1),
    GICC_RPR(0x0014, 4, 1),
    GICC_HPPIR(0x0018, 4, 1),
    GICC_APR(0x00d0, 4, 4),
    GICC_IIDR(0x00fc, 4, 1),
    GICC_DIR(0x1000, 4, 1),
    /// What is at no other offset: RES0.
    RESERVED(0x2000, 4, 0);

    /// Size of the frame in bytes.
    public static final int SIZE = 0x2000;

    private static final Gicc[] ALL = values();

    private final Place place;

    Gicc(int offset, int width, int count) {
        place = new Place(offset, width, count);
    }

    /// Which register the byte at `offset` of the frame belongs to; [#RESERVED] for none.
    public static Gicc of(long offset) {
        return Register.find(ALL, offset, RESERVED);
    }

    @Override
    public Place place() {
        return place;
    }
}
