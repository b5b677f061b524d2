package dev.belfry.vmm.rule.smmu;

import dev.belfry.vmm.cmdline.Option;
import dev.belfry.vmm.machine.OnOffAuto;
import dev.belfry.vmm.machine.Phase;
import dev.belfry.vmm.machine.SmmuInstance;
import dev.belfry.vmm.rule.About;
import dev.belfry.vmm.rule.Found;
import dev.belfry.vmm.rule.Place;
import dev.belfry.vmm.rule.Rule;
import dev.belfry.vmm.rule.Subject;

/// Hardware command queues in small pages.
final class CmdqvHugePages implements Rule {

    @Override
    public About about() {
        return About.warning(
                        "CMDQV-HUGEPAGES",
                        Phase.MACHINE_DONE,
                        "hardware command queues in small pages")
                .because(
                        "a queue must be contiguous in memory, so its size is bounded by the "
                                + "smallest page of the RAM backend (IDR1.CMDQS)",
                        "QEMU hw/arm/tegra241-cmdqv.c; docs/system/arm/virt.rst");
    }

    @Override
    public void check(Subject s, Found found) {
        boolean huge =
                s.commandLine()
                        .all("object")
                        .map(Option::params)
                        .anyMatch(p ->
                                (p.get("qom-type", "").equals("memory-backend-file")
                                                && (p.get("mem-path", "").contains("huge")
                                                        || p.get("mem-path", "").contains("/egm")))
                                        || p.get("hugetlb", "off").equals("on"));
        boolean path = s.commandLine().all("mem-path").anyMatch(o -> o.argument().contains("huge"));
        for (SmmuInstance smmu : s.accelerated()) {
            if (smmu.cmdqv() == OnOffAuto.ON && !huge && !path) {
                found.add(
                        Place.of(smmu).pointing(s.at(smmu.at(), "cmdqv")),
                        "guest RAM is not in huge pages, so a hardware queue has room for 256"
                                + " commands only",
                        "add -object memory-backend-file,id=ram0,size="
                                + (s.machine().memory().size() >> 20)
                                + "M,mem-path=/dev/hugepages,prealloc=on,share=on and"
                                + " memory-backend=ram0 to -machine");
            }
        }
    }
}
