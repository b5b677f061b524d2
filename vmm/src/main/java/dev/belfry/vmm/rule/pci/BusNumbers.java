package dev.belfry.vmm.rule.pci;

import dev.belfry.vmm.cmdline.Edit;
import dev.belfry.vmm.machine.MachineDescription;
import dev.belfry.vmm.machine.PciBus;
import dev.belfry.vmm.machine.PciFunction;
import dev.belfry.vmm.machine.Plugged;
import dev.belfry.vmm.rule.About;
import dev.belfry.vmm.rule.Found;
import dev.belfry.vmm.rule.Place;
import dev.belfry.vmm.rule.Rule;
import dev.belfry.vmm.rule.Subject;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// A root bus without room for the buses below it.
final class BusNumbers implements Rule {

    private static Stream<PciFunction> bridges(PciBus root) {
        return root.everything().filter(PciFunction.Bridge.class::isInstance);
    }

    /// Moves the next root bus up to the first number where all of its buses have room.
    private static Edit[] elsewhere(MachineDescription machine, int needed, int next) {
        Optional<PciBus> following =
                machine.pci().roots().stream().filter(r -> r.number() == next).findFirst();
        if (following.isEmpty()) {
            return new Edit[0];
        }
        PciBus moving = following.get();
        int wants = (int) (1 + bridges(moving).count());
        int start = next;
        List<PciBus> others =
                machine.pci().roots().stream().filter(r -> !r.equals(moving)).toList();
        for (int n = 1; n + wants <= machine.map().buses(); n++) {
            int candidate = n;
            boolean free =
                    others.stream()
                            .allMatch(r -> {
                                int first = r.number();
                                int last = first + (int) bridges(r).count();
                                return candidate > last || candidate + wants <= first;
                            });
            if (free) {
                start = candidate;
                break;
            }
        }
        int number = start;
        return machine.pci()
                .find(moving.name())
                .filter(f -> number != next && needed > 0)
                .map(f -> new Edit[] {new Edit.Set(f.plugged().at(), "bus_nr", "" + number)})
                .orElse(new Edit[0]);
    }

    @Override
    public About about() {
        return About.lost("BUS-NUMBERS", "a root bus without room for the buses below it")
                .because(
                        "each root bus owns the numbers up to the next one, and ECAM has room "
                                + "for 256 buses (16 without highmem)",
                        "QEMU hw/pci-bridge/pci_expander_bridge.c; PCI Firmware 3.3, 4.1.2");
    }

    @Override
    public void check(Subject s, Found found) {
        MachineDescription machine = s.machine();
        for (PciBus root : machine.pci().roots()) {
            int end =
                    machine.pci().roots().stream()
                            .mapToInt(PciBus::number)
                            .filter(n -> n > root.number())
                            .min()
                            .orElse(256);
            int room = Math.min(end, machine.map().buses()) - root.number();
            int needed = (int) (1 + bridges(root).count());
            if (needed <= room) {
                continue;
            }
            Plugged last =
                    bridges(root)
                            .reduce((first, second) -> second)
                            .or(() -> maker(machine, root))
                            .orElseGet(() -> root.functions().getFirst())
                            .plugged();
            boolean ecam = end > machine.map().buses();
            Edit[] moves = elsewhere(machine, needed, end);
            found.add(
                    Place.of(last),
                    root.name()
                            + " needs "
                            + needed
                            + " bus numbers from "
                            + root.number()
                            + " on and has room for "
                            + Math.max(0, room),
                    ecam
                            ? "remove highmem=off and highmem-ecam=off, or choose a smaller bus_nr"
                            : remedy(machine, end, moves),
                    ecam ? new Edit[0] : moves);
        }
    }

    private static String remedy(MachineDescription machine, int next, Edit[] moves) {
        String who =
                machine.pci().roots().stream()
                        .filter(r -> r.number() == next)
                        .map(PciBus::name)
                        .findFirst()
                        .orElse("the next pxb-pcie");
        return moves.length == 1 && moves[0] instanceof Edit.Set set
                ? "write bus_nr=" + set.value() + " for " + who
                : "write a smaller bus_nr=, or put fewer bridges on it";
    }

    private static Optional<PciFunction> maker(MachineDescription machine, PciBus root) {
        return machine.pci().inOrder().stream()
                .filter(f -> f instanceof PciFunction.Pxb p && p.bus().equals(root))
                .findFirst();
    }
}
