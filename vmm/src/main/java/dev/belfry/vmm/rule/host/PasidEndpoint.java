package dev.belfry.vmm.rule.host;

import dev.belfry.host.description.DeviceDescription;
import dev.belfry.vmm.cmdline.Edit;
import dev.belfry.vmm.machine.Phase;
import dev.belfry.vmm.machine.SmmuInstance;
import dev.belfry.vmm.rule.About;
import dev.belfry.vmm.rule.Found;
import dev.belfry.vmm.rule.Place;
import dev.belfry.vmm.rule.Rule;
import dev.belfry.vmm.rule.Subject;
import java.util.List;

/// Ssidsize= and no device with PASID.
final class PasidEndpoint implements Rule {

    @Override
    public About about() {
        return About.note("PASID-ENDPOINT", Phase.ATTACH, "ssidsize= and no device with PASID")
                .because(
                        "SubstreamIDs are of use to devices with PASIDs",
                        "PCIe base specification, 6.20");
    }

    @Override
    public void check(Subject s, Found found) {
        for (SmmuInstance smmu : s.accelerated()) {
            List<DeviceDescription> devices =
                    s.served(smmu).stream().flatMap(v -> s.hostDevice(v).stream()).toList();
            if (smmu.ssidsize().orElse(0) > 0
                    && !devices.isEmpty()
                    && devices.stream().allMatch(d -> d.pasidBits() == 0)) {
                found.add(
                        Place.of(smmu).pointing(s.at(smmu.at(), "ssidsize")),
                        "ssidsize="
                                + smmu.ssidsize().getAsInt()
                                + ", and no device behind "
                                + smmu.label()
                                + " has PASIDs",
                        "write ssidsize=0",
                        new Edit.Set(smmu.at(), "ssidsize", "0"));
            }
        }
    }
}
