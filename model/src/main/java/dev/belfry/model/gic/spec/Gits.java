package dev.belfry.model.gic.spec;

/// An ITS (IHI 0069 chapter 12, GITS_*): the control frame, 64 KiB, and the translation frame, 64
/// KiB.
public enum Gits implements Register {
    GITS_CTLR(0x0000, 4, 1),
    GITS_IIDR(0x0004, 4, 1),
    GITS_TYPER(0x0008, 8, 1),
    GITS_CBASER(0x0080, 8, 1),
    GITS_CWRITER(0x0088, 8, 1),
    GITS_CREADR(0x0090, 8, 1),
    GITS_BASER(0x0100, 8, 8),
    /// CoreSight identification, PIDR4 first and CIDR3 last.
    GITS_IDREGS(0xffd0, 4, 12),
    /// The doorbell: a device writes its EventID here.
    GITS_TRANSLATER(0x10040, 4, 1),
    /// What is at no other offset: RES0.
    RESERVED(0x20000, 4, 0);

    /// Size of both frames in bytes.
    public static final int SIZE = 0x20000;

    /// Offset of the translation frame.
    public static final int TRANSLATION_FRAME = 0x10000;

    /// Offset of PIDR2 in each of the frames of a GICv3: bits 7:4 are the architecture revision.
    public static final int PIDR2 = 0xffe8;

    private static final Gits[] ALL = values();

    private final Place place;

    Gits(int offset, int width, int count) {
        place = new Place(offset, width, count);
    }

    /// Which register the byte at `offset` of the frame belongs to; [#RESERVED] for none.
    public static Gits of(long offset) {
        return Register.find(ALL, offset, RESERVED);
    }

    @Override
    public Place place() {
        return place;
    }
}
