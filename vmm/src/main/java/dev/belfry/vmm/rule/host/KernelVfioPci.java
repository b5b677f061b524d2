package dev.belfry.vmm.rule.host;

import dev.belfry.host.description.KernelOption;
import dev.belfry.vmm.machine.PciFunction;
import dev.belfry.vmm.machine.Phase;
import dev.belfry.vmm.rule.Found;
import dev.belfry.vmm.rule.Subject;

/// A host that gives no PCI function to guests.
final class KernelVfioPci extends KernelBuild {

    KernelVfioPci() {
        super(KernelOption.VFIO_PCI, Phase.REALIZE, "Linux drivers/vfio/pci/Kconfig");
    }

    @Override
    void tell(Subject s, Found found) {
        tellFirst(
                s.functions(PciFunction.Vfio.class),
                "host",
                v -> v.host() + " cannot be bound to vfio-pci",
                found);
    }
}
