package dev.belfry.vmm.virt;

import dev.belfry.vmm.firmware.AcpiBoard;
import dev.belfry.vmm.firmware.Board;
import dev.belfry.vmm.machine.Accelerator;
import dev.belfry.vmm.machine.CpuCaches;
import dev.belfry.vmm.machine.CpuModel;
import dev.belfry.vmm.machine.CpuTopology;
import dev.belfry.vmm.machine.MachineDescription;
import dev.belfry.vmm.machine.MachineIommu;
import dev.belfry.vmm.machine.Memory;
import dev.belfry.vmm.machine.MemoryAttributes;
import dev.belfry.vmm.machine.MsiController;
import dev.belfry.vmm.machine.NumaLayout;
import dev.belfry.vmm.machine.NumaNode;
import dev.belfry.vmm.version.QemuVersion;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/// The board of a machine, as firmware tables tell of it.
final class VirtBoard {

    /// CPUs of the only node reach its memory.
    private static final MemoryAttributes OF_ONE_NODE =
            new MemoryAttributes(List.of(0), List.of(), List.of());

    private VirtBoard() {}

    /// @param release of the QEMU that makes the tables
    static Board of(
            MachineDescription machine, List<GuestFunction> functions, QemuVersion release) {
        boolean kvm = machine.accelerator().kind() == Accelerator.Kind.KVM;
        CpuModel cpu = CpuModel.of(machine.cpus(), kvm);
        CpuTopology topology = machine.cpus().topology();
        return new Board(
                release,
                boardVersion(machine, release),
                new Board.Cpu(
                        cpu.compatible(),
                        cpu.aarch64(),
                        cpu.pmu(),
                        cpu.caches().map(VirtBoard::caches),
                        cpu.vhe() && machine.virtualization()),
                new Board.Topology(
                        machine.cpus().max(),
                        topology.clusters(),
                        topology.cores(),
                        topology.threads(),
                        topology.clustersGiven()),
                numa(machine, functions),
                world(machine),
                machine.onBoard().serials(),
                machine.firmware().named() && machine.firmware().acpi(),
                machine.iommu() == MachineIommu.VIRTIO
                        ? virtioIommu(functions)
                        : OptionalInt.empty(),
                machine.onBoard().randomness(),
                machine.boot().append(),
                machine.onBoard().its() && machine.gic().msi() != MsiController.ITS,
                acpi(machine));
    }

    private static Board.Caches caches(CpuCaches caches) {
        return new Board.Caches(cache(caches.data()), cache(caches.instructions()));
    }

    private static Board.Cache cache(CpuCaches.Cache cache) {
        return new Board.Cache(cache.line(), cache.sets(), cache.size());
    }

    /// A release has no board that is newer than itself.
    private static QemuVersion boardVersion(MachineDescription machine, QemuVersion release) {
        QemuVersion version = machine.type().version();
        return release.isAtLeast(version) ? version : release;
    }

    private static AcpiBoard acpi(MachineDescription machine) {
        return new AcpiBoard(
                new AcpiBoard.Oem(machine.onBoard().oemId(), machine.onBoard().oemTableId()),
                machine.onBoard().spcr(),
                machine.onBoard().errors(),
                machine.onBoard().cxl(),
                machine.platformRoom().tpm().map(VirtFirmware::window),
                machine.memory().slots(),
                machine.map().deviceMemory().map(VirtFirmware::window));
    }

    /// Firmware that starts in EL3 brings its own PSCI. Without any, a guest in EL3 has none
    /// either, though its CPUs still name it.
    private static Board.World world(MachineDescription machine) {
        boolean secure = machine.onBoard().secure();
        String conduit =
                secure && machine.firmware().named()
                        ? ""
                        : machine.virtualization() ? "smc" : "hvc";
        boolean startsInEl3 = secure && machine.boot().kernel().isEmpty();
        return new Board.World(
                secure, machine.virtualization(), conduit, !conduit.isEmpty() && !startsInEl3);
    }

    private static Board.Numa numa(MachineDescription machine, List<GuestFunction> functions) {
        List<NumaNode> nodes = machine.numa();
        Memory ram = machine.memory();
        if (nodes.isEmpty()) {
            // Hot-plugged memory needs a node to be in, so QEMU makes one.
            return ram.slots() > 0 || ram.maxSize() > ram.size()
                    ? new Board.Numa(
                            List.of(ram.size()),
                            Collections.nCopies(machine.cpus().max(), 0),
                            List.of(),
                            List.of(),
                            machine.onBoard().numa().attributes().map(_ -> OF_ONE_NODE))
                    : Board.Numa.NONE;
        }
        List<Long> memory = new ArrayList<>();
        for (NumaNode node : nodes) {
            while (memory.size() < node.id()) {
                memory.add(0L);
            }
            memory.add(node.size());
        }
        NumaLayout layout = machine.onBoard().numa();
        return new Board.Numa(
                memory,
                layout.nodeOfCpu(),
                layout.distances(),
                layout.initiators().stream()
                        .flatMap(i -> initiator(i, functions).stream())
                        .toList(),
                layout.attributes());
    }

    private static Optional<Board.Initiator> initiator(
            NumaLayout.Initiator initiator, List<GuestFunction> functions) {
        return functions.stream()
                .filter(f -> f.described().plugged().id().equals(initiator.device()))
                .findFirst()
                .map(f -> new Board.Initiator(initiator.node(), f.requesterId()));
    }

    private static OptionalInt virtioIommu(List<GuestFunction> functions) {
        return functions.stream()
                .filter(f -> f.described().plugged().driver().startsWith("virtio-iommu-pci"))
                .mapToInt(GuestFunction::requesterId)
                .findFirst();
    }
}
