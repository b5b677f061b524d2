package dev.belfry.model.gic;

/// What a GICv3 advertises and how it behaves where the architecture leaves a choice.
///
/// @param name preset's name, or a description
/// @param iidr GICD_IIDR and GICR_IIDR
/// @param idBits bits of an INTID, 16..24 (GICD_TYPER.IDbits + 1)
/// @param priorityBits bits of a priority of an SPI, PPI or SGI, 4..8
/// @param resetsToGroup1 whether interrupts come out of reset in Group 1
/// @param asleep whether Redistributors come out of reset asleep (GICR_WAKER)
/// @param commonLpiAff GICR_TYPER.CommonLPIAff
/// @param one GICD_TYPER.No1N
/// @param locksTables whether GICR_PROPBASER and GICR_PENDBASER ignore writes while LPIs are
///   enabled
/// @param snoops whether LPI configuration is read again whenever an LPI becomes pending, and
///   pending bits are always in the pending table
public record GicIdentity(
        String name,
        int iidr,
        int idBits,
        int priorityBits,
        boolean resetsToGroup1,
        boolean asleep,
        int commonLpiAff,
        boolean one,
        boolean locksTables,
        boolean snoops) {

    /// QEMU's emulated GICv3.
    public static final GicIdentity QEMU_TCG =
            new GicIdentity("qemu-tcg", 0x43b, 16, 8, false, true, 1, true, false, true);

    /// KVM's vGICv3.
    public static final GicIdentity KVM =
            new GicIdentity("kvm", 0x4b00_243b, 16, 5, true, false, 0, false, true, false);

    /// A host's GIC, with room for a few million LPIs.
    public static final GicIdentity PHYSICAL =
            new GicIdentity("physical", 0x0400_043b, 24, 5, false, true, 0, true, true, false);

    public GicIdentity {
        if (idBits < 14 || idBits > 24 || priorityBits < 4 || priorityBits > 8) {
            throw new IllegalArgumentException("no such GIC: " + idBits + ", " + priorityBits);
        }
    }
}
