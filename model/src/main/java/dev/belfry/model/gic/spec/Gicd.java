package dev.belfry.model.gic.spec;

/// The Distributor (IHI 0069 chapter 12, GICD_*), 64 KiB; in GICv2 (IHI 0048 4.3) the first 4 KiB
/// of it. Arrays count from INTID 0 on: `GICD_ISENABLER.at(1)` is for SPIs 32..63.
public enum Gicd implements Register {
    GICD_CTLR(0x0000, 4, 1),
    GICD_TYPER(0x0004, 4, 1),
    GICD_IIDR(0x0008, 4, 1),
    GICD_TYPER2(0x000c, 4, 1),
    GICD_STATUSR(0x0010, 4, 1),
    GICD_SETSPI_NSR(0x0040, 4, 1),
    GICD_CLRSPI_NSR(0x0048, 4, 1),
    GICD_SETSPI_SR(0x0050, 4, 1),
    GICD_CLRSPI_SR(0x0058, 4, 1),
    /// One bit an INTID: 0 Group 0, 1 Group 1.
    GICD_IGROUPR(0x0080, 4, 32),
    GICD_ISENABLER(0x0100, 4, 32),
    GICD_ICENABLER(0x0180, 4, 32),
    GICD_ISPENDR(0x0200, 4, 32),
    GICD_ICPENDR(0x0280, 4, 32),
    GICD_ISACTIVER(0x0300, 4, 32),
    GICD_ICACTIVER(0x0380, 4, 32),
    /// One byte an INTID.
    GICD_IPRIORITYR(0x0400, 1, 1020),
    /// One byte an INTID: the CPU interfaces that it goes to. GICv2 only; RAZ/WI with affinity
    /// routing.
    GICD_ITARGETSR(0x0800, 1, 1020),
    /// Two bits an INTID; bit 1 of them: 0 level-sensitive, 1 edge-triggered.
    GICD_ICFGR(0x0c00, 4, 64),
    GICD_IGRPMODR(0x0d00, 4, 32),
    GICD_NSACR(0x0e00, 4, 64),
    /// GICv2 only: generates an SGI.
    GICD_SGIR(0x0f00, 4, 1),
    GICD_CPENDSGIR(0x0f10, 1, 16),
    GICD_SPENDSGIR(0x0f20, 1, 16),
    /// One an INTID, counted from INTID 0; SPIs begin at 0x6100.
    GICD_IROUTER(0x6000, 8, 1020),
    /// CoreSight identification, PIDR4 first and CIDR3 last.
    GICD_IDREGS(0xffd0, 4, 12),
    /// What is at no other offset: RES0.
    RESERVED(0x10000, 4, 0);

    /// Size of the frame in bytes.
    public static final int SIZE = 0x10000;

    private static final Gicd[] ALL = values();

    private final Place place;

    Gicd(int offset, int width, int count) {
        place = new Place(offset, width, count);
    }

    /// Which register the byte at `offset` of the frame belongs to; [#RESERVED] for none.
    public static Gicd of(long offset) {
        return Register.find(ALL, offset, RESERVED);
    }

    @Override
    public Place place() {
        return place;
    }
}
