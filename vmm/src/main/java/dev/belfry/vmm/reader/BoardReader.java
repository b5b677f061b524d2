package dev.belfry.vmm.reader;

import dev.belfry.vmm.catalog.Catalog;
import dev.belfry.vmm.cmdline.CommandLine;
import dev.belfry.vmm.cmdline.Option;
import dev.belfry.vmm.machine.Accelerator;
import dev.belfry.vmm.machine.Boot;
import dev.belfry.vmm.machine.Firmware;
import dev.belfry.vmm.machine.Gic;
import dev.belfry.vmm.machine.Highmem;
import dev.belfry.vmm.machine.MachineType;
import dev.belfry.vmm.machine.MsiController;
import dev.belfry.vmm.machine.NumaLayout;
import dev.belfry.vmm.machine.OnBoard;
import dev.belfry.vmm.machine.OnOffAuto;
import dev.belfry.vmm.machine.Phase;
import dev.belfry.vmm.machine.Problem;
import dev.belfry.vmm.machine.Problems;
import dev.belfry.vmm.machine.Severity;
import dev.belfry.vmm.version.QemuVersion;
import java.util.List;
import java.util.Optional;

/// Reads the board itself: version, accelerator, interrupt controller, high memory, firmware.
final class BoardReader {

    private static final int GICV2_CPUS = 8;

    private final CommandLine commandLine;
    private final MachineOptions options;
    private final QemuVersion qemu;
    private final Problems problems;

    BoardReader(
            CommandLine commandLine, MachineOptions options, QemuVersion qemu, Problems problems) {
        this.commandLine = commandLine;
        this.qemu = qemu;
        this.options = options;
        this.problems = problems;
    }

    MachineType type() {
        String name = options.text("type");
        if (name.isEmpty()) {
            options.error(
                    "MACHINE-TYPE",
                    "type",
                    "No machine specified, and there is no default",
                    "add -machine virt");
            return MachineType.NEWEST;
        }
        Optional<MachineType> type = MachineType.of(name, qemu);
        if (Catalog.isOtherMachine(name)) {
            problems.add(
                    Problems.BEFORE_DEVICES,
                    Problem.of(
                                    Severity.WARNING,
                                    "MACHINE-OTHER",
                                    Phase.MACHINE,
                                    options.at("type"),
                                    name + " is not looked at: Belfry knows the virt machine")
                            .fix("write -machine virt"));
        } else if (type.isEmpty()) {
            options.error(
                    "MACHINE-TYPE",
                    "type",
                    "unsupported machine type: \"" + name + "\"",
                    "QEMU "
                            + qemu
                            + " has virt and "
                            + MachineType.oldest(qemu)
                            + " to virt-"
                            + qemu);
        }
        return type.orElse(MachineType.NEWEST);
    }

    Accelerator accelerator() {
        return new AcceleratorReader(commandLine, options, problems).read();
    }

    Gic gic(Accelerator accelerator, int maxCpus, boolean virtualization, MachineType type) {
        int version = gicVersion(accelerator, maxCpus, virtualization);
        return new Gic(version, msi(version, type, accelerator.kind() == Accelerator.Kind.KVM));
    }

    private int gicVersion(Accelerator accelerator, int maxCpus, boolean virtualization) {
        boolean kvm = accelerator.kind() == Accelerator.Kind.KVM;
        boolean v3 = !kvm || accelerator.kernelIrqchip();
        boolean v4 = !kvm && virtualization;
        String asked = options.choice("gic-version", "", gicVersions());
        if (asked.equals("host") && !kvm) {
            board("GIC-HOST", "gic-version=host requires KVM", "write gic-version=max");
        }
        return switch (asked) {
            case "2" -> 2;
            case "3" -> v3 ? 3 : unsupported(3, accelerator);
            case "4" -> v4 ? 4 : unsupported(4, accelerator);
            case "x-5" -> {
                board(
                        "GIC-VERSION",
                        "Using GICv5 but guest CPU does not support it",
                        "write gic-version=3: Belfry knows no GICv5");
                yield 3;
            }
            case "host", "max" -> v4 ? 4 : v3 ? 3 : 2;
            default -> kvm ? kvmDefault(v3) : maxCpus <= GICV2_CPUS ? 2 : 3;
        };
    }

    private List<String> gicVersions() {
        return qemu.isAtLeast(QemuVersion.V11_1)
                ? List.of("2", "3", "4", "x-5", "host", "max")
                : List.of("2", "3", "4", "host", "max");
    }

    private int unsupported(int version, Accelerator accelerator) {
        boolean kvm = accelerator.kind() == Accelerator.Kind.KVM;
        String who =
                kvm && !accelerator.kernelIrqchip()
                        ? "KVM with kernel-irqchip=off"
                        : kvm ? "KVM" : "tcg";
        board(
                "GIC-VERSION",
                who
                        + " does not support GICv"
                        + version
                        + " emulation"
                        + (version == 4 ? ", is virtualization=on?" : ""),
                version == 4 && kvm
                        ? "write gic-version=3"
                        : version == 4
                                ? "write gic-version=3, or virtualization=on"
                                : "remove kernel-irqchip=off");
        return version == 4 ? 3 : 2;
    }

    private void board(String rule, String words, String fix) {
        problems.add(
                Problems.BEFORE_DEVICES,
                Problem.error(rule, Phase.BOARD, options.at("gic-version"), words).fix(fix));
    }

    private int kvmDefault(boolean v3) {
        if (!v3) {
            return 2;
        }
        problems.add(
                Problems.BEFORE_DEVICES,
                Problem.of(
                                Severity.NOTE,
                                "GIC-DEFAULT",
                                Phase.MACHINE,
                                options.at(),
                                "gic-version is not given: Belfry takes 3")
                        .because(
                                "QEMU takes 2 on a host whose KVM can emulate GICv2, else 3",
                                "QEMU hw/arm/virt.c, finalize_gic_version")
                        .fix("write gic-version=3"));
        return 3;
    }

    /// Facts: msi=auto|its|gicv2m|off, and the older its=on|off, where the later of both counts.
    private MsiController msi(int version, MachineType type, boolean kvm) {
        String asked = options.choice("msi", "auto", List.of("auto", "its", "gicv2m", "off"));
        boolean byDefault = type.isAtLeast(2, 8) && (kvm || type.isAtLeast(6, 2));
        if (!options.has("msi") && !options.bool("its", byDefault)) {
            return version == 2 ? MsiController.GICV2M : MsiController.NONE;
        }
        boolean its = asked.equals("its") || (!options.has("msi") && options.has("its"));
        if (its && version == 2 && !qemu.isAtLeast(QemuVersion.V11_0)) {
            return MsiController.GICV2M; // as a run of 10.2.1 shows
        }
        if (its && version == 2) {
            problems.add(
                    Problems.BEFORE_DEVICES,
                    Problem.error(
                                    "MSI-ITS-GICV2",
                                    Phase.BOARD,
                                    options.at(options.has("msi") ? "msi" : "its"),
                                    "GICv2 + ITS is an invalid configuration.")
                            .fix("write gic-version=3, or msi=gicv2m"));
            return MsiController.GICV2M;
        }
        return switch (asked) {
            case "its" -> MsiController.ITS;
            case "gicv2m" -> MsiController.GICV2M;
            case "off" -> MsiController.NONE;
            default -> version == 2 ? MsiController.GICV2M : MsiController.ITS;
        };
    }

    /// Firmware that a 32-bit CPU runs does not look for PCI above 4 GiB.
    Highmem highmem(MachineType type, boolean wideCpu) {
        long size = options.size("highmem-mmio-size", Highmem.DEFAULT_MMIO_SIZE);
        if (Long.bitCount(size) != 1) {
            options.error(
                    "HIGHMEM-MMIO-SIZE",
                    "highmem-mmio-size",
                    "highmem-mmio-size is not a power of 2",
                    "write highmem-mmio-size=" + above(size));
            size = Highmem.DEFAULT_MMIO_SIZE;
        } else if (size < Highmem.DEFAULT_MMIO_SIZE) {
            options.error(
                    "HIGHMEM-MMIO-SIZE",
                    "highmem-mmio-size",
                    "highmem-mmio-size cannot be set to a lower value than the default (512 GiB)",
                    "remove highmem-mmio-size=");
            size = Highmem.DEFAULT_MMIO_SIZE;
        }
        return new Highmem(
                options.bool("highmem", true),
                options.bool("compact-highmem", type.compactHighmem()),
                options.bool("highmem-redists", true),
                options.bool("highmem-ecam", type.isAtLeast(3, 0))
                        && (wideCpu || !firmware().named()),
                options.bool("highmem-mmio", true),
                size);
    }

    boolean virtualization() {
        return options.bool("virtualization", false);
    }

    OnBoard onBoard(NumaLayout numa, MachineType type) {
        boolean seeds = options.bool("dtb-randomness", options.bool("dtb-kaslr-seed", true));
        long serials = commandLine.all("serial").filter(o -> !o.argument().equals("none")).count();
        return new OnBoard(
                options.bool("secure", false),
                (int) serials,
                seeds,
                options.has("msi")
                        ? List.of("its", "auto").contains(options.text("msi"))
                        : options.bool("its", type.isAtLeast(2, 8)),
                options.bool("spcr", true),
                options.bool("ras", false),
                options.bool("cxl", false),
                options.has("x-oem-id") ? options.text("x-oem-id") : OnBoard.OEM_ID,
                options.has("x-oem-table-id") ? options.text("x-oem-table-id") : OnBoard.OEM_TABLE,
                numa);
    }

    boolean legacySmmu() {
        return options.choice("iommu", "none", List.of("none", "smmuv3")).equals("smmuv3");
    }

    boolean defaultBusBypassesIommu() {
        return options.bool("default-bus-bypass-iommu", false);
    }

    Firmware firmware() {
        boolean acpi = options.onOffAuto("acpi") != OnOffAuto.OFF && !commandLine.has("no-acpi");
        String file =
                commandLine
                        .last("bios")
                        .or(() -> commandLine.last("pflash"))
                        .map(Option::argument)
                        .or(this::pflashDrive)
                        .orElseGet(() ->
                                options.has("firmware")
                                        ? options.text("firmware")
                                        : options.text("pflash0"));
        return new Firmware(file, acpi);
    }

    /// The first flash device, from which the guest starts.
    private Optional<String> pflashDrive() {
        return commandLine
                .all("drive")
                .filter(o -> o.params().get("if", "").equals("pflash"))
                .filter(o -> o.params().get("unit", "0").equals("0"))
                .map(o -> o.params().get("file", "pflash0"))
                .findFirst();
    }

    Boot boot() {
        return new Boot(text("kernel"), text("initrd"), text("append"), text("dtb"));
    }

    private String text(String key) {
        return commandLine.last(key).map(Option::argument).orElseGet(() -> options.text(key));
    }

    /// The next power of two, as one writes it.
    private static String above(long size) {
        long power = Long.highestOneBit(Math.max(size, Highmem.DEFAULT_MMIO_SIZE - 1)) << 1;
        return power >= 1L << 40 ? (power >> 40) + "T" : (power >> 30) + "G";
    }
}
