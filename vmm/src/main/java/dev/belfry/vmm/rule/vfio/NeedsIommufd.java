package dev.belfry.vmm.rule.vfio;

import dev.belfry.vmm.cmdline.Edit;
import dev.belfry.vmm.machine.Iommufd;
import dev.belfry.vmm.machine.PciFunction;
import dev.belfry.vmm.machine.Phase;
import dev.belfry.vmm.rule.About;
import dev.belfry.vmm.rule.Found;
import dev.belfry.vmm.rule.Place;
import dev.belfry.vmm.rule.Rule;
import dev.belfry.vmm.rule.Subject;
import java.util.List;

/// A vfio-pci without iommufd behind accel=on.
final class NeedsIommufd implements Rule {

    @Override
    public About about() {
        return About.error(
                        "VFIO-IOMMUFD", Phase.REALIZE, "a vfio-pci without iommufd behind accel=on")
                .because(
                        "only iommufd can nest the guest's stage 1 in the host's stage 2",
                        "QEMU hw/arm/smmuv3-accel.c, smmuv3_accel_supports_as");
    }

    @Override
    public void check(Subject s, Found found) {
        for (Subject.Behind<PciFunction.Vfio> b : s.behind(PciFunction.Vfio.class).toList()) {
            if (!b.smmu().accel() || !b.function().iommufd().isEmpty()) {
                continue;
            }
            List<Iommufd> there = s.machine().iommufds();
            String id = there.isEmpty() ? "iommufd0" : there.getFirst().id();
            Edit use = new Edit.Set(b.function().plugged().at(), "iommufd", id);
            found.add(
                    Place.of(b.function()),
                    "vfio-pci endpoint devices without an iommufd backend not allowed when using"
                            + " arm-smmuv3,accel=on",
                    there.isEmpty()
                            ? "add -object iommufd,id=iommufd0 and iommufd=iommufd0"
                            : "add iommufd=" + id,
                    there.isEmpty()
                            ? new Edit[] {
                                new Edit.Insert(s.firstDevice(), "-object iommufd,id=" + id), use
                            }
                            : new Edit[] {use});
        }
    }
}
