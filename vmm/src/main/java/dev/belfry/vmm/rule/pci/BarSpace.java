package dev.belfry.vmm.rule.pci;

import dev.belfry.vmm.cmdline.Edit;
import dev.belfry.vmm.cmdline.Position;
import dev.belfry.vmm.machine.Highmem;
import dev.belfry.vmm.machine.PciBus;
import dev.belfry.vmm.machine.PciFunction;
import dev.belfry.vmm.machine.Plugged;
import dev.belfry.vmm.machine.VirtMap;
import dev.belfry.vmm.rule.About;
import dev.belfry.vmm.rule.Found;
import dev.belfry.vmm.rule.Place;
import dev.belfry.vmm.rule.Rule;
import dev.belfry.vmm.rule.Subject;

/// BARs and reservations that do not fit into the 64-bit PCI window.
final class BarSpace implements Rule {

    /// What finds room below 4 GiB.
    private static final long LOW_WINDOW = 512L << 20;

    @Override
    public About about() {
        return About.lost(
                        "BAR-SPACE",
                        "BARs and reservations that do not fit into the 64-bit PCI window")
                .because(
                        "each bridge window is aligned to its largest BAR; what finds no room "
                                + "is left out by firmware and the device does not work",
                        "QEMU hw/arm/virt.c, highmem-mmio-size; docs/pcie.txt, pref64-reserve");
    }

    @Override
    public void check(Subject s, Found found) {
        long needed = 0;
        Plugged largest = null;
        long most = -1;
        for (PciBus root : s.machine().pci().roots()) {
            for (PciFunction f : root.functions()) {
                long size = WindowSize.of(s, f);
                needed = WindowSize.alignUp(needed, size) + size;
                if (size > most) {
                    most = size;
                    largest = f.plugged();
                }
            }
        }
        long room = s.machine().map().mmio64().map(VirtMap.Region::size).orElse(0L);
        if (largest == null || needed <= 0 || needed <= room || most <= LOW_WINDOW) {
            return;
        }
        boolean off = room == 0;
        long wanted = Math.max(Highmem.DEFAULT_MMIO_SIZE, Long.highestOneBit(2 * needed - 1));
        Position machine = s.optionAt("machine");
        found.add(
                Place.of(largest),
                "64-bit BARs and pref64-reserve need "
                        + (needed >> 30)
                        + " GiB, and the 64-bit PCI window has "
                        + (room >> 30),
                off ? "remove " + blocker(s) + "=off" : "write highmem-mmio-size=" + size(wanted),
                off
                        ? new Edit[] {new Edit.Remove(machine, blocker(s))}
                        : new Edit[] {new Edit.Set(machine, "highmem-mmio-size", size(wanted))});
    }

    private static String blocker(Subject s) {
        return s.machine().highmem().enabled() ? "highmem-mmio" : "highmem";
    }

    private static String size(long bytes) {
        return bytes >= 1L << 40 ? (bytes >> 40) + "T" : (bytes >> 30) + "G";
    }
}
