package dev.belfry.vmm.rule.smmu;

import dev.belfry.vmm.cmdline.Edit;
import dev.belfry.vmm.machine.Phase;
import dev.belfry.vmm.machine.SmmuInstance;
import dev.belfry.vmm.machine.VirtMap;
import dev.belfry.vmm.rule.About;
import dev.belfry.vmm.rule.Found;
import dev.belfry.vmm.rule.Place;
import dev.belfry.vmm.rule.Rule;
import dev.belfry.vmm.rule.Subject;

/// A memory map beyond the SMMU's output addresses.
final class OasTooSmall implements Rule {

    @Override
    public About about() {
        return About.warning(
                        "SMMU-OAS-MAP",
                        Phase.MACHINE_DONE,
                        "a memory map beyond the SMMU's output addresses")
                .because(
                        "an output address of stage 1 beyond OAS is an Address Size fault",
                        "IHI 0070, 3.4.3");
    }

    @Override
    public void check(Subject s, Found found) {
        VirtMap map = s.machine().map();
        for (SmmuInstance smmu : s.smmus()) {
            int oas = smmu.oas().orElse(smmu.accel() ? 64 : SmmuInstance.DEFAULT_OAS);
            boolean window =
                    map.mmio64().filter(w -> oas < 64 && w.last().value() >>> oas != 0).isPresent();
            if (window) {
                found.add(
                        Place.of(smmu).pointing(s.at(smmu.at(), "oas")),
                        "the 64-bit PCI window ends at 0x"
                                + Long.toHexString(map.mmio64().get().last().value())
                                + ", beyond the "
                                + oas
                                + " bits of this SMMU: devices behind it cannot reach each other's"
                                + " BARs there",
                        smmu.accel() ? "write oas=48" : "make highmem-mmio-size smaller",
                        smmu.accel()
                                ? new Edit[] {new Edit.Set(smmu.at(), "oas", "48")}
                                : new Edit[0]);
            }
        }
    }
}
