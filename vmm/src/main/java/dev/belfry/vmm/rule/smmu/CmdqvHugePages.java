package dev.belfry.vmm.rule.smmu;

import dev.belfry.host.description.HostDescription;
import dev.belfry.vmm.cmdline.Edit;
import dev.belfry.vmm.cmdline.Param;
import dev.belfry.vmm.machine.NumaNode;
import dev.belfry.vmm.machine.OnOffAuto;
import dev.belfry.vmm.machine.Phase;
import dev.belfry.vmm.machine.RamBacking;
import dev.belfry.vmm.machine.SmmuInstance;
import dev.belfry.vmm.rule.About;
import dev.belfry.vmm.rule.Found;
import dev.belfry.vmm.rule.Place;
import dev.belfry.vmm.rule.Rule;
import dev.belfry.vmm.rule.Subject;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;

/// Hardware command queues in small pages.
final class CmdqvHugePages implements Rule {

    private static final long DEFAULT_PAGE = 4096;
    private static final int COMMAND = 16;

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
        RamBacking ram = s.machine().ram();
        if (ram.huge()) {
            return;
        }
        long page = ram.pageSize(s.host().map(HostDescription::pageBytes).orElse(DEFAULT_PAGE));
        for (SmmuInstance smmu : s.accelerated()) {
            if (smmu.cmdqv() == OnOffAuto.ON) {
                List<Edit> edits = new ArrayList<>();
                String fix = remedy(s, edits);
                found.add(
                        Place.of(smmu).pointing(s.at(smmu.at(), "cmdqv")),
                        "guest RAM is in pages of "
                                + (page >> 10)
                                + " KiB, so a hardware queue has room for "
                                + page / COMMAND
                                + " commands only",
                        fix,
                        edits.toArray(Edit[]::new));
            }
        }
    }

    /// Huge pages for the backends that are the machine's RAM; one more where there are none.
    private static String remedy(Subject s, List<Edit> edits) {
        List<String> used =
                Stream.concat(
                                s.commandLine()
                                        .all("machine")
                                        .flatMap(o -> o.params().all().stream())
                                        .filter(p -> p.key().equals("memory-backend"))
                                        .map(Param::value),
                                s.machine().numa().stream().map(NumaNode::memdev))
                        .filter(Predicate.not(String::isEmpty))
                        .distinct()
                        .toList();
        if (s.commandLine().has("mem-path")) {
            edits.add(new Edit.Replace(s.optionAt("mem-path"), "-mem-path /dev/hugepages"));
            return "write -mem-path /dev/hugepages";
        }
        if (used.isEmpty()) {
            String object =
                    "-object memory-backend-file,id=ram0,size="
                            + (s.machine().memory().size() >> 20)
                            + "M,mem-path=/dev/hugepages,prealloc=on,share=on";
            edits.add(new Edit.Insert(s.firstDevice(), object));
            edits.add(new Edit.Set(s.optionAt("machine"), "memory-backend", "ram0"));
            return "add " + object + ", and memory-backend=ram0 to -machine";
        }
        boolean files =
                s.commandLine()
                        .all("object")
                        .filter(o -> used.contains(o.params().get("id", "")))
                        .peek(o -> edits.add(new Edit.Set(o.at(), "mem-path", "/dev/hugepages")))
                        .allMatch(
                                o -> o.params().get("qom-type", "").equals("memory-backend-file"));
        if (!files) {
            edits.clear();
        }
        return "write memory-backend-file,…,mem-path=/dev/hugepages for " + String.join(", ", used);
    }
}
