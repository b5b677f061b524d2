package dev.belfry.vmm.rule.vfio;

import dev.belfry.vmm.cmdline.Edit;
import dev.belfry.vmm.machine.Accelerator;
import dev.belfry.vmm.machine.PciFunction;
import dev.belfry.vmm.machine.Phase;
import dev.belfry.vmm.rule.About;
import dev.belfry.vmm.rule.Found;
import dev.belfry.vmm.rule.Place;
import dev.belfry.vmm.rule.Rule;
import dev.belfry.vmm.rule.Subject;
import dev.belfry.vmm.version.QemuVersion;

/// A vfio-pci behind an emulated SMMU.
final class BehindEmulated implements Rule {

    @Override
    public About about() {
        return About.error(
                        "VFIO-EMULATED-SMMU", Phase.REALIZE, "a vfio-pci behind an emulated SMMU")
                .because(
                        "the emulated SMMU does not tell VFIO what the guest maps",
                        "QEMU hw/arm/smmuv3.c, smmuv3_notify_flag_changed");
    }

    @Override
    public void check(Subject s, Found found) {
        boolean old = !s.qemu().isAtLeast(QemuVersion.V11_0);
        for (Subject.Behind<PciFunction.Vfio> b : s.behind(PciFunction.Vfio.class).toList()) {
            if (b.smmu().accel()) {
                continue;
            }
            found.add(
                    Place.of(b.function()),
                    "device "
                            + b.function().host()
                            + " requires iommu MAP notifier which is not currently supported: it"
                            + " is behind the emulated "
                            + b.smmu().label(),
                    b.smmu().legacy()
                            ? "replace iommu=smmuv3 by -device arm-smmuv3,accel=on on a pxb-pcie"
                                    + " (QEMU 11.0 or newer)"
                            : old
                                    ? "use QEMU 11.0 or newer, and add accel=on to "
                                            + b.smmu().label()
                                    : "add accel=on to " + b.smmu().label(),
                    old
                                    || b.smmu().legacy()
                                    || s.machine().accelerator().kind() != Accelerator.Kind.KVM
                            ? new Edit[0]
                            : new Edit[] {new Edit.Set(b.smmu().at(), "accel", "on")});
        }
    }
}
