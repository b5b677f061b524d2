package dev.belfry.vmm.rule.board;

import dev.belfry.vmm.cmdline.Edit;
import dev.belfry.vmm.machine.Highmem;
import dev.belfry.vmm.machine.Phase;
import dev.belfry.vmm.rule.About;
import dev.belfry.vmm.rule.Found;
import dev.belfry.vmm.rule.Place;
import dev.belfry.vmm.rule.Rule;
import dev.belfry.vmm.rule.Subject;

/// More CPUs than redistributors fit into the memory map.
final class RedistributorCpus implements Rule {

    private static final int LOW = 0x00f6_0000;
    private static final int HIGH = 0x0400_0000;

    @Override
    public About about() {
        return About.error(
                        "GICV3-CPUS",
                        Phase.BOARD,
                        "more CPUs than redistributors fit into the memory map")
                .because(
                        "a redistributor takes 128 KiB, that of a GICv4 256 KiB; most lie in a "
                                + "second region above 4 GiB",
                        "QEMU hw/arm/virt.c, virt_redist_capacity");
    }

    @Override
    public void check(Subject s, Found found) {
        int version = s.machine().gic().version();
        if (version < 3) {
            return;
        }
        int size = version == 3 ? 0x2_0000 : 0x4_0000;
        Highmem highmem = s.machine().highmem();
        boolean second = highmem.enabled() && highmem.redists();
        int most = LOW / size + (second ? HIGH / size : 0);
        int cpus = s.machine().cpus().max();
        if (cpus > most) {
            String key = highmem.enabled() ? "highmem-redists" : "highmem";
            found.add(
                    Place.before(s.optionAt("smp")),
                    "Number of SMP CPUs requested ("
                            + cpus
                            + ") exceeds max CPUs supported by machine 'mach-virt' ("
                            + most
                            + ")",
                    second ? "write -smp " + most : "write " + key + "=on",
                    second
                            ? new Edit.Replace(s.optionAt("smp"), "-smp " + most)
                            : new Edit.Set(s.optionAt("machine"), key, "on"));
        }
    }
}
