package dev.belfry.model.gic.spec;

/// A Redistributor (IHI 0069 chapter 12, GICR_*): 128 KiB a CPU, RD_base and then SGI_base; with
/// GICR_TYPER.VLPIS 256 KiB, VLPI_base and a reserved frame following. Offsets count from RD_base.
public enum Gicr implements Register {
    GICR_CTLR(0x0000, 4, 1),
    GICR_IIDR(0x0004, 4, 1),
    GICR_TYPER(0x0008, 8, 1),
    GICR_STATUSR(0x0010, 4, 1),
    GICR_WAKER(0x0014, 4, 1),
    GICR_SETLPIR(0x0040, 8, 1),
    GICR_CLRLPIR(0x0048, 8, 1),
    GICR_PROPBASER(0x0070, 8, 1),
    GICR_PENDBASER(0x0078, 8, 1),
    GICR_INVLPIR(0x00a0, 8, 1),
    GICR_INVALLR(0x00b0, 8, 1),
    GICR_SYNCR(0x00c0, 4, 1),
    /// CoreSight identification, PIDR4 first and CIDR3 last.
    GICR_IDREGS(0xffd0, 4, 12),
    GICR_IGROUPR0(0x10080, 4, 1),
    GICR_ISENABLER0(0x10100, 4, 1),
    GICR_ICENABLER0(0x10180, 4, 1),
    GICR_ISPENDR0(0x10200, 4, 1),
    GICR_ICPENDR0(0x10280, 4, 1),
    GICR_ISACTIVER0(0x10300, 4, 1),
    GICR_ICACTIVER0(0x10380, 4, 1),
    /// One byte an INTID, 0..31.
    GICR_IPRIORITYR(0x10400, 1, 32),
    /// SGIs: all edge-triggered.
    GICR_ICFGR0(0x10c00, 4, 1),
    /// PPIs.
    GICR_ICFGR1(0x10c04, 4, 1),
    GICR_IGRPMODR0(0x10d00, 4, 1),
    GICR_NSACR(0x10e00, 4, 1),
    /// GICv4: the configuration table of the resident vPE's LPIs.
    GICR_VPROPBASER(0x20070, 8, 1),
    /// GICv4: the pending table of the resident vPE.
    GICR_VPENDBASER(0x20078, 8, 1),
    /// What is at no other offset: RES0.
    RESERVED(0x40000, 4, 0);

    /// Size of one CPU's frames in bytes.
    public static final int SIZE = 0x20000;

    /// Size of one CPU's frames in bytes where there are virtual LPIs.
    public static final int SIZE_WITH_VLPIS = 0x40000;

    private static final Gicr[] ALL = values();

    private final Place place;

    Gicr(int offset, int width, int count) {
        place = new Place(offset, width, count);
    }

    /// Which register the byte at `offset` of the frame belongs to; [#RESERVED] for none.
    public static Gicr of(long offset) {
        return Register.find(ALL, offset, RESERVED);
    }

    @Override
    public Place place() {
        return place;
    }
}
