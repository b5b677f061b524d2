package dev.belfry.vmm.rule.host;

import dev.belfry.host.description.KernelOption;
import dev.belfry.vmm.cmdline.Edit;
import dev.belfry.vmm.machine.OnOffAuto;
import dev.belfry.vmm.machine.Phase;
import dev.belfry.vmm.rule.Found;
import dev.belfry.vmm.rule.Place;
import dev.belfry.vmm.rule.Subject;

/// A host that does not drive Tegra241's command queues.
final class KernelTegra extends KernelBuild {

    KernelTegra() {
        super(
                KernelOption.TEGRA241_CMDQV,
                Phase.ATTACH,
                "Linux drivers/iommu/arm/Kconfig; QEMU hw/arm/tegra241-cmdqv.c");
    }

    @Override
    void tell(Subject s, Found found) {
        firstBehindAccel(s)
                .filter(b -> b.smmu().cmdqv() == OnOffAuto.ON)
                .ifPresent(b ->
                        found.add(
                                Place.of(b.function()).pointing(s.at(b.smmu().at(), "cmdqv")),
                                "cmdqv=on of " + b.smmu().label() + " is refused" + built(),
                                fix() + ", or write cmdqv=auto",
                                new Edit.Set(b.smmu().at(), "cmdqv", "auto")));
    }
}
