package dev.belfry.vmm.reader;

import dev.belfry.vmm.cmdline.CommandLine;
import dev.belfry.vmm.cmdline.Option;
import dev.belfry.vmm.cmdline.OptionSpec.Use;
import dev.belfry.vmm.cmdline.Position;
import dev.belfry.vmm.machine.Accelerator;
import dev.belfry.vmm.machine.CpuModel;
import dev.belfry.vmm.machine.Cpus;
import dev.belfry.vmm.machine.Highmem;
import dev.belfry.vmm.machine.Iommufd;
import dev.belfry.vmm.machine.MachineDescription;
import dev.belfry.vmm.machine.MachineIommu;
import dev.belfry.vmm.machine.MachineType;
import dev.belfry.vmm.machine.Memory;
import dev.belfry.vmm.machine.NumaLayout;
import dev.belfry.vmm.machine.NumaNode;
import dev.belfry.vmm.machine.Phase;
import dev.belfry.vmm.machine.Problem;
import dev.belfry.vmm.machine.Problems;
import dev.belfry.vmm.machine.Severity;
import dev.belfry.vmm.machine.VirtMap;
import dev.belfry.vmm.version.QemuVersion;
import java.util.List;
import java.util.Optional;

/// Turns a command line into a machine, going on after errors so that all of them are found.
public final class MachineReader {

    /// Physical address bits with KVM: the IPA size of the hosts with accelerated SMMUs.
    private static final int KVM_PA_BITS = 48;

    /// What came out.
    ///
    /// @param machine the machine; with errors, what could be made of it
    /// @param problems what was wrong with single options; rules of the whole machine may be added
    public record Described(MachineDescription machine, Problems problems) {}

    private final CommandLine commandLine;
    private final QemuVersion qemu;
    private final Position start;
    private final Problems problems = new Problems();
    private final MachineOptions options;

    private MachineReader(CommandLine commandLine, QemuVersion qemu) {
        this.qemu = qemu;
        this.commandLine = commandLine;
        this.start =
                commandLine.options().isEmpty()
                        ? new Position(1, 1, "")
                        : commandLine.options().getFirst().at().named("");
        this.options = MachineOptions.of(commandLine, start, qemu, problems);
    }

    /// Reads what the newest QEMU would make of it.
    public static Described read(CommandLine commandLine) {
        return read(commandLine, QemuVersion.NEWEST);
    }

    /// Reads; [dev.belfry.vmm.check.CheckedMachine] holds the result against QEMU's rules.
    ///
    /// @param qemu the release whose defaults count
    public static Described read(CommandLine commandLine, QemuVersion qemu) {
        MachineReader reader = new MachineReader(commandLine, qemu);
        return new Described(reader.machine(), reader.problems);
    }

    private MachineDescription machine() {
        BoardReader board = new BoardReader(commandLine, options, qemu, problems);
        ResourceReader resources = new ResourceReader(commandLine, start, problems);
        ObjectReader objects = new ObjectReader(commandLine, qemu, problems);
        MachineType type = board.type();
        Accelerator accelerator = board.accelerator();
        String name = type.name().equals("virt") ? "virt-" + qemu : type.name();
        Cpus cpus = resources.cpus(accelerator, name, !type.isAtLeast(6, 2));
        Memory memory = resources.memory();
        boolean virtualization = board.virtualization();
        Highmem highmem = board.highmem(type, CpuModel.is64Bit(cpus.model()));
        NumaReader nodes =
                new NumaReader(objects.memory(), options.bool("hmat", false), cpus, problems);
        List<NumaNode> numa =
                NumaReader.withInitiators(nodes.read(commandLine, memory), objects.initiators());
        List<Iommufd> iommufds = objects.iommufds();
        List<DeviceDraft> devices = DeviceList.of(commandLine, start, problems);
        DeviceReader reader =
                new DeviceReader(
                        numa,
                        iommufds,
                        objects.ids(),
                        qemu,
                        new PciBuilder(board.defaultBusBypassesIommu(), start, problems),
                        new DeviceNeeds(commandLine, problems),
                        new DeviceLimits(
                                commandLine.all("m").anyMatch(o -> o.params().has("maxmem")),
                                new MemoryDevices(
                                        room(board, cpus, memory, objects), numa.size(), problems),
                                problems),
                        problems);
        boolean legacy = board.legacySmmu();
        if (legacy) {
            reader.smmus().legacy(type, options);
        }
        devices.forEach(reader::read);
        return new MachineDescription(
                type,
                accelerator,
                board.gic(accelerator, cpus.max(), virtualization, type),
                legacy
                        ? MachineIommu.SMMUV3
                        : virtioIommu(devices) ? MachineIommu.VIRTIO : MachineIommu.NONE,
                virtualization,
                highmem,
                board.firmware(),
                board.boot(),
                cpus,
                memory,
                numa,
                iommufds,
                reader.smmus().smmus(),
                objects.ram(options.text("memory-backend")),
                reader.platformRoom(),
                reader.pci(),
                map(memory, highmem, paBits(accelerator, cpus)),
                board.onBoard(layout(numa, cpus, objects), type),
                ignored(devices));
    }

    private MemoryDevices.Room room(
            BoardReader board, Cpus cpus, Memory memory, ObjectReader objects) {
        return new MemoryDevices.Room(
                board.firmware().named()
                        && board.firmware().acpi()
                        && CpuModel.is64Bit(cpus.model()),
                options.bool("mte", false),
                options.bool("nvdimm", false),
                memory,
                objects.memory());
    }

    private NumaLayout layout(List<NumaNode> numa, Cpus cpus, ObjectReader objects) {
        NumaLayout layout = NumaPlacement.of(commandLine, numa, cpus, objects.initiatorsInOrder());
        return options.bool("hmat", false)
                ? layout.with(MemoryAttributesReader.read(commandLine, layout, numa, problems))
                : layout;
    }

    private static boolean virtioIommu(List<DeviceDraft> devices) {
        return devices.stream().anyMatch(d -> d.driver().startsWith("virtio-iommu-pci"));
    }

    /// With KVM the IPA size of the hosts that have accelerated SMMUs; else the CPU's.
    private static int paBits(Accelerator accelerator, Cpus cpus) {
        if (accelerator.kind() == Accelerator.Kind.KVM) {
            return KVM_PA_BITS;
        }
        return switch (cpus.model()) {
            case "cortex-a7",
                    "cortex-a15",
                    "cortex-a35",
                    "cortex-a53",
                    "cortex-a55",
                    "cortex-a76",
                    "cortex-a710" ->
                    40;
            case "cortex-a57", "cortex-a72" -> 44;
            case "max" -> 52;
            default -> 48;
        };
    }

    private VirtMap map(Memory memory, Highmem highmem, int paBits) {
        Optional<VirtMap> map = VirtMap.of(memory, highmem, paBits);
        if (map.isEmpty()) {
            problems.add(
                    Problems.BEFORE_DEVICES,
                    Problem.error(
                                    "MEMORY-TOO-BIG",
                                    Phase.BOARD,
                                    commandLine.last("m").map(Option::at).orElse(start),
                                    "Addressing limited to "
                                            + (highmem.enabled() ? paBits : 32)
                                            + " bits, but memory exceeds it by "
                                            + VirtMap.excess(
                                                    memory, highmem.enabled() ? paBits : 32)
                                            + " bytes")
                            .because("", "QEMU hw/arm/virt.c, virt_set_memmap")
                            .fix(
                                    highmem.enabled()
                                            ? "write a smaller -m"
                                            : "remove highmem=off, or write a smaller -m"));
        } else if (highmem.enabled() && highmem.mmio() && map.get().mmio64().isEmpty()) {
            problems.add(
                    Problems.BEFORE_DEVICES,
                    Problem.of(
                                    Severity.WARNING,
                                    "HIGHMEM-MMIO-DROPPED",
                                    Phase.BOARD,
                                    options.at("highmem-mmio-size"),
                                    "the 64-bit PCI window does not fit into "
                                            + paBits
                                            + " address bits and is left out")
                            .because("", "QEMU hw/arm/virt.c, virt_set_high_memmap")
                            .fix("make highmem-mmio-size smaller, or take a CPU with more bits"));
        }
        return map.or(() -> VirtMap.of(Memory.DEFAULT, highmem, 48)).orElseThrow();
    }

    private List<Option> ignored(List<DeviceDraft> devices) {
        List<Position> elsewhere =
                devices.stream()
                        .filter(d -> DeviceCatalog.elsewhere(d.driver()))
                        .map(DeviceDraft::at)
                        .toList();
        return commandLine.options().stream()
                .filter(o -> o.spec().use() == Use.IGNORED || elsewhere.contains(o.at()))
                .toList();
    }
}
