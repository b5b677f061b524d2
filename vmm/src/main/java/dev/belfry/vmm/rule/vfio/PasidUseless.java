package dev.belfry.vmm.rule.vfio;

import dev.belfry.vmm.cmdline.Edit;
import dev.belfry.vmm.machine.PciFunction;
import dev.belfry.vmm.machine.Phase;
import dev.belfry.vmm.machine.SmmuInstance;
import dev.belfry.vmm.rule.About;
import dev.belfry.vmm.rule.Found;
import dev.belfry.vmm.rule.Place;
import dev.belfry.vmm.rule.Rule;
import dev.belfry.vmm.rule.Subject;

/// A PASID capability that the SMMU has no SubstreamIDs for.
final class PasidUseless implements Rule {

    @Override
    public About about() {
        return About.note(
                        "VPASID-USELESS",
                        Phase.REALIZE,
                        "a PASID capability that the SMMU has no SubstreamIDs for")
                .because(
                        "the capability is shown only where the SMMU supports PASIDs",
                        "QEMU hw/vfio/pci.c, vfio_pci_synthesize_pasid_cap");
    }

    @Override
    public void check(Subject s, Found found) {
        for (PciFunction.Vfio vfio : s.functions(PciFunction.Vfio.class).toList()) {
            boolean pasids =
                    s.machine()
                            .smmuOf(vfio)
                            .filter(SmmuInstance::accel)
                            .filter(x -> x.ssidsize().orElse(1) > 0)
                            .isPresent();
            if (vfio.vpasidCapOffset().orElse(0) != 0 && !pasids) {
                found.add(
                        Place.of(vfio.plugged(), "x-vpasid-cap-offset"),
                        "x-vpasid-cap-offset has no effect: the SMMU in front has ssidsize=0, or"
                                + " there is none",
                        "remove x-vpasid-cap-offset=, or give the SMMU ssidsize=20",
                        new Edit.Remove(vfio.plugged().at(), "x-vpasid-cap-offset"));
            }
        }
    }
}
