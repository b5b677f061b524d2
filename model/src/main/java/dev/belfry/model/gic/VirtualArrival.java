package dev.belfry.model.gic;

import dev.belfry.model.bits.Hex;
import dev.belfry.model.gic.spec.Ite;
import dev.belfry.model.gic.spec.Vte;
import dev.belfry.model.journey.HopKind;
import dev.belfry.model.journey.Observation;
import dev.belfry.model.journey.Probe;

/// A virtual LPI at its vPE's Redistributor: whether the vPE is resident and takes it by itself, or
/// it waits and a doorbell tells. Reports the hops LPI and REDISTRIBUTOR.
///
/// @param target the Redistributor of the vPE
record VirtualArrival(RedistributorView target, Probe probe) {

    MsiResult arrive(Ite ite, Vte vte) {
        int cpu = vte.rdbase();
        if (!target.known()) {
            String rule = "The registers of CPU " + cpu + "'s Redistributor could not be read.";
            report(Observation.of(HopKind.REDISTRIBUTOR).unknown(rule));
            return new MsiResult.Unknown(HopKind.REDISTRIBUTOR, rule);
        }
        if (!vte.hasRoomFor(ite.intid())) {
            String rule =
                    "INTID "
                            + ite.intid()
                            + " is no LPI that the pending table of vPE "
                            + ite.vpeid()
                            + " has room for: VPT_size allows INTIDs below "
                            + (1L << (vte.vptSize() + 1))
                            + " (IHI 0069 5.3, VMAPP).";
            report(Observation.of(HopKind.LPI).field("vINTID", ite.intid()).broken(rule));
            return new MsiResult.Dropped(HopKind.LPI, rule);
        }
        boolean resident = target.isResident(vte.vptAddr());
        target.pendVirtual(ite, vte);
        if (probe.on()) {
            tell(ite, vte, resident);
        }
        return new MsiResult.Virtual(ite.intid(), ite.vpeid(), cpu, resident, ite.doorbell());
    }

    private void tell(Ite ite, Vte vte, boolean resident) {
        report(
                Observation.of(HopKind.LPI)
                        .field("vINTID", ite.intid())
                        .hex("pending_address", vte.vptAddr() + (ite.intid() >>> 3))
                        .ok(
                                "Virtual LPI "
                                        + ite.intid()
                                        + " becomes pending in the table of vPE "
                                        + ite.vpeid()
                                        + " (IHI 0069, GICv4)."));
        Observation.Builder hop =
                Observation.of(HopKind.REDISTRIBUTOR)
                        .field("processor_number", vte.rdbase())
                        .hex("GICR_VPENDBASER", target.vpendbaser().value())
                        .field("resident", resident);
        if (target.base() != 0) {
            hop.address(target.base());
        }
        boolean bell = ite.doorbell() != Ite.NO_DOORBELL;
        String waits =
                bell
                        ? "its doorbell, LPI " + ite.doorbell() + ", tells the hypervisor"
                        : "it waits: it has no doorbell";
        report(
                hop.ok(
                        resident
                                ? "vPE "
                                        + ite.vpeid()
                                        + " is resident at CPU "
                                        + vte.rdbase()
                                        + ", which takes the LPI without its hypervisor (IHI 0069,"
                                        + " GICR_VPENDBASER)."
                                : "vPE "
                                        + ite.vpeid()
                                        + " with the pending table "
                                        + Hex.of(vte.vptAddr())
                                        + " is not resident, so "
                                        + waits
                                        + " (IHI 0069, GICR_VPENDBASER)."));
    }

    private void report(Observation observation) {
        if (probe.on()) {
            probe.observe(observation);
        }
    }
}
