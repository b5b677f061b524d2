package dev.belfry.vmm.rule.vfio;

import dev.belfry.vmm.cmdline.Edit;
import dev.belfry.vmm.machine.PciFunction;
import dev.belfry.vmm.machine.Phase;
import dev.belfry.vmm.machine.Plugged;
import dev.belfry.vmm.machine.SmmuInstance;
import dev.belfry.vmm.rule.About;
import dev.belfry.vmm.rule.Found;
import dev.belfry.vmm.rule.Place;
import dev.belfry.vmm.rule.Rule;
import dev.belfry.vmm.rule.Subject;

/// An emulated device behind accel=on.
final class EmulatedBehindAccel implements Rule {

    static String elsewhere(SmmuInstance smmu) {
        return smmu.primaryBus().equals("pcie.0")
                ? "put the SMMU and the passed-through devices on a pxb-pcie of their own"
                : "put it on another root bus: bus=pcie.0";
    }

    /// To pcie.0, where that has no SMMU with accel=on.
    static Edit[] move(Subject s, Plugged p, SmmuInstance smmu) {
        boolean taken = s.accelerated().stream().anyMatch(x -> x.primaryBus().equals("pcie.0"));
        boolean onPort = p.params().has("addr");
        return taken || onPort || smmu.legacy() || s.option(p.at()).isEmpty()
                ? new Edit[0]
                : new Edit[] {new Edit.Set(p.at(), "bus", "pcie.0")};
    }

    @Override
    public About about() {
        return About.error(
                        "EMULATED-BEHIND-ACCEL",
                        Phase.REALIZE,
                        "an emulated device behind accel=on")
                .because(
                        "invalidations without a StreamID would have to reach QEMU's own "
                                + "translations as well as the host's",
                        "QEMU hw/arm/smmuv3-accel.c, smmuv3_accel_supports_as");
    }

    @Override
    public void check(Subject s, Found found) {
        for (Subject.Behind<PciFunction.Emulated> b :
                s.behind(PciFunction.Emulated.class).toList()) {
            if (b.smmu().accel()) {
                Plugged p = b.function().plugged();
                found.add(
                        Place.of(p),
                        "Emulated endpoint devices are not allowed when using arm-smmuv3,accel=on: "
                                + p.label()
                                + " is behind "
                                + b.smmu().label(),
                        elsewhere(b.smmu()),
                        move(s, p, b.smmu()));
            }
        }
    }
}
