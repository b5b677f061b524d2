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

/// An iommufd object that no device uses.
final class IommufdUnused implements Rule {

    @Override
    public About about() {
        return About.note("IOMMUFD-UNUSED", Phase.OBJECT, "an iommufd object that no device uses")
                .because("", "QEMU backends/iommufd.c");
    }

    @Override
    public void check(Subject s, Found found) {
        for (Iommufd fd : s.machine().iommufds()) {
            if (s.functions(PciFunction.Vfio.class).noneMatch(v -> v.iommufd().equals(fd.id()))) {
                found.add(
                        Place.before(fd.at()),
                        "no device uses " + fd.id(),
                        "remove -object iommufd,id="
                                + fd.id()
                                + ", or add iommufd="
                                + fd.id()
                                + " to vfio-pci devices",
                        new Edit.Drop(fd.at()));
            }
        }
    }
}
