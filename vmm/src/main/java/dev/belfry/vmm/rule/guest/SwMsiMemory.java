package dev.belfry.vmm.rule.guest;

import dev.belfry.vmm.cmdline.Edit;
import dev.belfry.vmm.cmdline.Option;
import dev.belfry.vmm.cmdline.Quantities;
import dev.belfry.vmm.machine.Severity;
import dev.belfry.vmm.rule.About;
import dev.belfry.vmm.rule.Found;
import dev.belfry.vmm.rule.Place;
import dev.belfry.vmm.rule.Rule;
import dev.belfry.vmm.rule.Subject;

/// Memory over the host's window for doorbells.
final class SwMsiMemory implements Rule {

    private static final long WINDOW_END = 0x0810_0000L;

    @Override
    public About about() {
        return About.lost("RAM-SW-MSI", "memory over the host's window for doorbells")
                .because(
                        "devices write their MSIs to 0x8000000..0x80fffff; memory mapped there "
                                + "in stage 2 makes the attach fail (EADDRINUSE)",
                        "Linux drivers/iommu/iommufd/device.c; drivers/iommu/arm/arm-smmu-v3");
    }

    @Override
    public void check(Subject s, Found found) {
        for (Option option : s.commandLine().all("device").toList()) {
            String driver = option.params().get("driver", "");
            boolean dimm = driver.equals("pc-dimm") || driver.equals("nvdimm");
            long at = Quantities.number(option.params().get("addr", "")).orElse(-1);
            if (dimm && at >= 0 && at < WINDOW_END && !s.accelerated().isEmpty()) {
                found.addAs(
                        Severity.ERROR,
                        Place.of(s.accelerated().getFirst()).pointing(s.at(option.at(), "addr")),
                        "memory at 0x"
                                + Long.toHexString(at)
                                + " is in the way of 0x8000000..0x80fffff, where devices write"
                                + " their MSIs",
                        "remove addr=, so that QEMU places it behind the RAM",
                        new Edit.Remove(option.at(), "addr"));
            }
        }
    }
}
