package dev.belfry.vmm.rule.board;

import dev.belfry.vmm.cmdline.Option;
import dev.belfry.vmm.cmdline.Param;
import dev.belfry.vmm.cmdline.Position;
import dev.belfry.vmm.machine.Phase;
import dev.belfry.vmm.rule.About;
import dev.belfry.vmm.rule.Found;
import dev.belfry.vmm.rule.Place;
import dev.belfry.vmm.rule.Rule;
import dev.belfry.vmm.rule.Subject;
import java.util.List;
import java.util.Optional;

/// What is meant for a kernel, and no kernel.
final class KernelMissing implements Rule {

    @Override
    public About about() {
        return About.error(
                        "APPEND-KERNEL", Phase.OPTIONS, "what is meant for a kernel, and no kernel")
                .because(
                        "QEMU hands -append and -initrd to the -kernel that it loads; firmware "
                                + "boots from a disk",
                        "QEMU system/vl.c, qemu_validate_options");
    }

    @Override
    public void check(Subject s, Found found) {
        if (given(s, "kernel").isPresent()) {
            return;
        }
        for (String option : List.of("initrd", "append", "shim")) {
            Optional<Position> at = given(s, option);
            if (at.isPresent()) {
                found.add(
                        Place.before(at.get()),
                        "-" + option + " only allowed with -kernel option",
                        "add -kernel, or write it into the guest's boot loader");
                return;
            }
        }
    }

    private static Optional<Position> given(Subject s, String name) {
        return s.commandLine()
                .last(name)
                .map(Option::at)
                .or(() ->
                        s.commandLine()
                                .all("machine")
                                .flatMap(o -> o.params().each(name).stream())
                                .map(Param::at)
                                .findFirst());
    }
}
