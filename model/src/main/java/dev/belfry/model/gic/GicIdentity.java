package dev.belfry.model.gic;

import static dev.belfry.model.gic.GicChoice.AFF3;
import static dev.belfry.model.gic.GicChoice.DISABLES_LPIS;
import static dev.belfry.model.gic.GicChoice.INVALIDATES_BY_REGISTER;
import static dev.belfry.model.gic.GicChoice.LOCKS_TABLES;
import static dev.belfry.model.gic.GicChoice.NO_1_OF_N;
import static dev.belfry.model.gic.GicChoice.ONE_PROPBASER;
import static dev.belfry.model.gic.GicChoice.RESETS_ASLEEP;
import static dev.belfry.model.gic.GicChoice.RESETS_TO_GROUP_1;
import static dev.belfry.model.gic.GicChoice.SNOOPS;
import static dev.belfry.model.gic.GicChoice.VIRTUAL_LPIS;

import dev.belfry.model.gic.spec.Gicr;
import java.util.EnumSet;
import java.util.Set;

/// What a GICv3 advertises and how it behaves where the architecture leaves a choice.
///
/// @param name preset's name, or a description
/// @param iidr GICD_IIDR and GICR_IIDR
/// @param idBits bits of an INTID, 14..24 (GICD_TYPER.IDbits + 1)
/// @param priorityBits bits of a priority of an SPI, PPI or SGI, 4..8
/// @param commonLpiAff GICR_TYPER.CommonLPIAff
/// @param choices its choices
public record GicIdentity(
        String name,
        int iidr,
        int idBits,
        int priorityBits,
        int commonLpiAff,
        Set<GicChoice> choices) {

    /// QEMU's emulated GICv3.
    public static final GicIdentity QEMU_TCG =
            new GicIdentity(
                    "qemu-tcg",
                    0x43b,
                    16,
                    8,
                    1,
                    Set.of(RESETS_ASLEEP, NO_1_OF_N, AFF3, DISABLES_LPIS, SNOOPS));

    /// KVM's vGICv3, revision 3.
    public static final GicIdentity KVM =
            new GicIdentity(
                    "kvm",
                    0x4b00_343b,
                    16,
                    5,
                    0,
                    Set.of(
                            RESETS_TO_GROUP_1,
                            LOCKS_TABLES,
                            ONE_PROPBASER,
                            DISABLES_LPIS,
                            INVALIDATES_BY_REGISTER));

    /// A host's GIC, with room for a few million LPIs.
    public static final GicIdentity PHYSICAL =
            new GicIdentity(
                    "physical",
                    0x0400_043b,
                    24,
                    5,
                    0,
                    Set.of(RESETS_ASLEEP, NO_1_OF_N, AFF3, DISABLES_LPIS, LOCKS_TABLES));

    public GicIdentity {
        if (idBits < 14 || idBits > 24 || priorityBits < 4 || priorityBits > 8) {
            throw new IllegalArgumentException("no such GIC: " + idBits + ", " + priorityBits);
        }
        choices = Set.copyOf(choices);
    }

    /// The same with virtual LPIs: a GICv4.
    public GicIdentity withVirtualLpis() {
        EnumSet<GicChoice> more = EnumSet.of(VIRTUAL_LPIS);
        more.addAll(choices);
        return new GicIdentity(name + "-v4", iidr, idBits, priorityBits, commonLpiAff, more);
    }

    /// Whether it made a choice.
    public boolean has(GicChoice choice) {
        return choices.contains(choice);
    }

    /// Bytes of one Redistributor's frames.
    public int redistributorBytes() {
        return has(VIRTUAL_LPIS) ? Gicr.SIZE_WITH_VLPIS : Gicr.SIZE;
    }
}
