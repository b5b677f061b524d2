package dev.belfry.vmm.machine;

import dev.belfry.vmm.cmdline.CommandLine;
import dev.belfry.vmm.cmdline.Option;
import dev.belfry.vmm.cmdline.Param;
import dev.belfry.vmm.cmdline.Quantities;
import dev.belfry.vmm.version.QemuVersion;
import java.util.List;
import java.util.Locale;
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
                    "no machine specified, and there is no default",
                    "add -machine virt");
            return MachineType.NEWEST;
        }
        Optional<MachineType> type = MachineType.of(name, qemu);
        if (type.isEmpty()) {
            options.error(
                    "MACHINE-TYPE",
                    "type",
                    "unsupported machine type '" + name + "'",
                    "QEMU " + qemu + " has virt and virt-2.6 to virt-" + qemu);
        }
        return type.orElse(MachineType.NEWEST);
    }

    /// The first accelerator of the list that Belfry knows; TCG without a list.
    Accelerator accelerator() {
        Optional<Option> option = commandLine.all("accel").findFirst();
        if (option.isPresent() && options.has("accel")) {
            options.error(
                    "ACCEL-TWICE",
                    "accel",
                    "the -accel and \"-machine accel=\" options are incompatible",
                    "keep one of them");
        }
        boolean irqchip = kernelIrqchip(option);
        if (commandLine.has("enable-kvm")) {
            return new Accelerator(Accelerator.Kind.KVM, irqchip);
        }
        String names =
                option.flatMap(o -> o.params().get("accel")).orElseGet(() -> options.text("accel"));
        if (names.isEmpty() && option.isEmpty()) {
            return new Accelerator(Accelerator.Kind.TCG, false);
        }
        for (String name : names.split(":")) {
            for (Accelerator.Kind kind : Accelerator.Kind.values()) {
                if (kind.name().toLowerCase(Locale.ROOT).equals(name)) {
                    return new Accelerator(kind, kind == Accelerator.Kind.KVM && irqchip);
                }
            }
        }
        problems.add(
                Problems.BEFORE_DEVICES,
                Problem.error(
                                "ACCEL-UNKNOWN",
                                Phase.MACHINE,
                                option.map(Option::at).orElseGet(() -> options.at("accel")),
                                "invalid accelerator '" + names + "'")
                        .fix("Belfry knows kvm, tcg and qtest"));
        return new Accelerator(Accelerator.Kind.TCG, false);
    }

    private boolean kernelIrqchip(Optional<Option> accel) {
        Optional<Param> param = accel.flatMap(o -> o.params().find("kernel-irqchip"));
        String value = param.map(Param::value).orElseGet(() -> options.text("kernel-irqchip"));
        // 'split' exists on x86 only; QEMU refuses it on Arm when it makes the GIC.
        if (!value.isEmpty() && Quantities.bool(value).isEmpty()) {
            problems.add(
                    Problems.BEFORE_DEVICES,
                    Problem.error(
                                    "ACCEL-IRQCHIP",
                                    Phase.MACHINE,
                                    param.map(Param::at)
                                            .orElseGet(() -> options.at("kernel-irqchip")),
                                    "kernel-irqchip does not take '" + value + "' on Arm")
                            .fix("it takes on, off"));
        }
        return Quantities.bool(value).orElse(true);
    }

    Gic gic(Accelerator accelerator, int maxCpus, boolean virtualization, MachineType type) {
        int version = gicVersion(accelerator, maxCpus, virtualization);
        return new Gic(version, msi(version, type, accelerator.kind() == Accelerator.Kind.KVM));
    }

    private int gicVersion(Accelerator accelerator, int maxCpus, boolean virtualization) {
        boolean kvm = accelerator.kind() == Accelerator.Kind.KVM;
        boolean v3 = !kvm || accelerator.kernelIrqchip();
        boolean v4 = !kvm && virtualization;
        String asked = options.choice("gic-version", "", List.of("2", "3", "4", "host", "max"));
        if (asked.equals("host") && !kvm) {
            options.error("GIC-HOST", "gic-version", "gic-version=host requires KVM", "write max");
        }
        return switch (asked) {
            case "2" -> 2;
            case "3" -> v3 ? 3 : unsupported(3, "KVM with kernel-irqchip=off");
            case "4" -> v4 ? 4 : unsupported(4, kvm ? "kvm" : "tcg without virtualization=on");
            case "host", "max" -> v4 ? 4 : v3 ? 3 : 2;
            default -> kvm ? kvmDefault(v3) : maxCpus <= GICV2_CPUS ? 2 : 3;
        };
    }

    private int unsupported(int version, String who) {
        options.error(
                "GIC-VERSION",
                "gic-version",
                who + " does not support GICv" + version + " emulation",
                version == 4 ? "write gic-version=3" : "remove kernel-irqchip=off");
        return version == 4 ? 3 : 2;
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
        if (its && version == 2) {
            options.error(
                    "MSI-ITS-GICV2",
                    options.has("msi") ? "msi" : "its",
                    "GICv2 + ITS is an invalid configuration",
                    "write gic-version=3, or msi=gicv2m");
            return MsiController.GICV2M;
        }
        return switch (asked) {
            case "its" -> MsiController.ITS;
            case "gicv2m" -> MsiController.GICV2M;
            case "off" -> MsiController.NONE;
            default -> version == 2 ? MsiController.GICV2M : MsiController.ITS;
        };
    }

    Highmem highmem(MachineType type) {
        long size = options.size("highmem-mmio-size", Highmem.DEFAULT_MMIO_SIZE);
        if (Long.bitCount(size) != 1) {
            options.error(
                    "HIGHMEM-MMIO-SIZE",
                    "highmem-mmio-size",
                    "highmem-mmio-size is not a power of 2",
                    "write 512G, 1T, 2T, 4T, …");
            size = Highmem.DEFAULT_MMIO_SIZE;
        } else if (size < Highmem.DEFAULT_MMIO_SIZE) {
            options.error(
                    "HIGHMEM-MMIO-SIZE",
                    "highmem-mmio-size",
                    "highmem-mmio-size cannot be set to a lower value than the default (512 GiB)",
                    "remove it");
            size = Highmem.DEFAULT_MMIO_SIZE;
        }
        return new Highmem(
                options.bool("highmem", true),
                options.bool("compact-highmem", type.compactHighmem()),
                options.bool("highmem-redists", true),
                options.bool("highmem-ecam", type.isAtLeast(3, 0)),
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
}
