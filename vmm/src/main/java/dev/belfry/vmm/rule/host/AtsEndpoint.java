package dev.belfry.vmm.rule.host;

import dev.belfry.host.description.DeviceDescription;
import dev.belfry.vmm.cmdline.Edit;
import dev.belfry.vmm.machine.OnOffAuto;
import dev.belfry.vmm.machine.Phase;
import dev.belfry.vmm.machine.SmmuInstance;
import dev.belfry.vmm.rule.About;
import dev.belfry.vmm.rule.Found;
import dev.belfry.vmm.rule.Place;
import dev.belfry.vmm.rule.Rule;
import dev.belfry.vmm.rule.Subject;
import java.util.List;

/// Ats=on and no device with ATS.
final class AtsEndpoint implements Rule {

    @Override
    public About about() {
        return About.note("ATS-ENDPOINT", Phase.ATTACH, "ats=on and no device with ATS")
                .because(
                        "ATS needs the endpoint as well as the SMMU",
                        "PCIe base specification, 10.2");
    }

    @Override
    public void check(Subject s, Found found) {
        for (SmmuInstance smmu : s.accelerated()) {
            List<DeviceDescription> devices =
                    s.served(smmu).stream().flatMap(v -> s.hostDevice(v).stream()).toList();
            if (smmu.ats() == OnOffAuto.ON
                    && !devices.isEmpty()
                    && devices.stream().noneMatch(DeviceDescription::ats)) {
                found.add(
                        Place.of(smmu).pointing(s.at(smmu.at(), "ats")),
                        "ats=on, and no device behind " + smmu.label() + " has ATS",
                        "write ats=off",
                        new Edit.Set(smmu.at(), "ats", "off"));
            }
        }
    }
}
