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

    private final int offset;
    private final int width;
    private final int count;

    Gicc(int offset, int width, int count) {
        this.offset = offset;
        this.width = width;
        this.count = count;
    }

    /// Which register the byte at `offset` of the frame belongs to; [#RESERVED] for none.
    public static Gicc of(long offset) {
        for (Gicc r : ALL) {
            if (r.covers(offset)) {
                return r;
            }
        }
        return RESERVED;
    }

    @Override
    public int offset() {
        return offset;
    }

    @Override
    public int width() {
        return width;
    }

    @Override
    public int count() {
        return count;
    }

    private static final Gicc[] ALL = values();
}
