package dev.belfry.vmm.reader;

import dev.belfry.vmm.catalog.Description;
import dev.belfry.vmm.cmdline.CommandLine;
import dev.belfry.vmm.cmdline.Param;
import dev.belfry.vmm.cmdline.Position;
import dev.belfry.vmm.machine.Phase;
import dev.belfry.vmm.machine.Problem;
import dev.belfry.vmm.machine.Problems;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// What a device cannot do without: a bus of its kind, the backends that it names, and properties
/// that have no default.
final class DeviceNeeds {

    /// Properties without one of which a device does not start, and what QEMU says then.
    ///
    /// @param properties with spaces between
    private record Need(String properties, String words, String fix) {

        boolean isMet(DeviceDraft device) {
            List<String> any = List.of(properties.split(" "));
            return device.params().keys().stream()
                    .anyMatch(key -> any.contains(key.split("\\.", 2)[0]));
        }
    }

    private static final Need DRIVE =
            new Need("drive", "drive property not set", "add drive= and a -drive or -blockdev");
    private static final Need CHARDEV =
            new Need("chardev", "missing chardev", "add chardev= and a -chardev");
    private static final Map<String, Need> NEEDS =
            Map.ofEntries(
                    Map.entry("virtio-blk-pci", DRIVE),
                    Map.entry("virtio-blk-device", DRIVE),
                    Map.entry(
                            "nvme", new Need("serial", "serial property not set", "add serial=1")),
                    Map.entry("vhost-user-fs-pci", CHARDEV),
                    Map.entry(
                            "vhost-vsock-pci",
                            new Need(
                                    "guest-cid",
                                    "guest-cid property must be greater than 2",
                                    "add guest-cid=3 or more")),
                    Map.entry(
                            "ivshmem-plain",
                            new Need(
                                    "memdev",
                                    "You must specify a 'memdev'",
                                    "add memdev= and an -object memory-backend-ram")),
                    Map.entry(
                            "ivshmem-doorbell",
                            new Need("chardev", "You must specify a 'chardev'", "add chardev=")),
                    Map.entry(
                            "tpm-tis-device",
                            new Need("tpmdev", "'tpmdev' property is required", "add tpmdev=")),
                    Map.entry(
                            "acpi-erst",
                            new Need(
                                    "memdev",
                                    "'memdev' property is not set",
                                    "add memdev= and an -object memory-backend-file,share=on")),
                    Map.entry(
                            "cxl-type3",
                            new Need(
                                    "memdev persistent-memdev volatile-memdev volatile-dc-memdev",
                                    "at least one memdev property must be set",
                                    "add volatile-memdev= and an -object memory-backend-ram")),
                    Map.entry(
                            "guest-loader",
                            new Need(
                                    "addr",
                                    "Need to specify the address of guest blob",
                                    "add addr=")),
                    Map.entry(
                            "vfio-user-pci",
                            new Need(
                                    "socket",
                                    "No socket specified e.g. -device"
                                            + " '{\"driver\":\"vfio-user-pci\", \"socket\":",
                                    "add socket.type=unix,socket.path=")),
                    Map.entry(
                            "virtio-iommu-device",
                            new Need(
                                    "primary-bus",
                                    "VIRTIO-IOMMU is not attached to any PCI bus!",
                                    "use virtio-iommu-pci")),
                    Map.entry(
                            "virtio-crypto-pci",
                            new Need(
                                    "cryptodev",
                                    "'cryptodev' parameter expects a valid object",
                                    "add cryptodev= and an -object cryptodev-backend-builtin")));

    /// The kinds of bus that options can make, and of which devices.
    private static final Map<String, List<String>> MAKERS =
            Map.of(
                    "usb-bus", List.of("xhci", "ehci", "uhci", "ohci", "usb-hub"),
                    "SCSI",
                            List.of(
                                    "virtio-scsi",
                                    "vhost-scsi",
                                    "megasas",
                                    "mptsas",
                                    "lsi53c",
                                    "pvscsi",
                                    "am53c974",
                                    "dc390",
                                    "usb-bot",
                                    "usb-uas",
                                    "spapr-vscsi"),
                    "IDE", List.of("ahci", "-ide"),
                    "HDA", List.of("intel-hda"),
                    "virtio-serial-bus", List.of("virtio-serial"),
                    "ccid-bus", List.of("usb-ccid"),
                    "sd-bus", List.of("sdhci"),
                    "nvme-bus", List.of("nvme"));

    private static final Map<String, String> HELP =
            Map.of(
                    "usb-bus", "add -device qemu-xhci in front of it",
                    "SCSI", "add -device virtio-scsi-pci in front of it",
                    "IDE", "add -device ich9-ahci in front of it",
                    "HDA", "add -device ich9-intel-hda in front of it",
                    "virtio-serial-bus", "add -device virtio-serial-pci in front of it");

    private static final Pattern UNNAMED_DRIVE =
            Pattern.compile("(none|virtio|ide|scsi|sd|mtd|floppy|pflash|xen)\\d.*");

    /// Names of buses whose device has no id.
    private static final Pattern UNNAMED_BUS =
            Pattern.compile(
                    "(usb-bus|scsi|ide|hda|virtio-serial(-bus)?|virtio-bus|virtio-mmio-bus"
                            + "|sd-bus|ccid-bus|nvme|pcie?|main-system-bus)(\\..*)?");

    private final Problems problems;
    private final Set<String> ids = new HashSet<>();
    private final Map<String, Set<String>> backends;
    private final Set<String> buses = new HashSet<>();

    DeviceNeeds(CommandLine commandLine, Problems problems) {
        this.problems = problems;
        this.backends =
                Map.of(
                        "netdev", ids(commandLine, "netdev", "id"),
                        "chardev", ids(commandLine, "chardev", "id"),
                        "tpmdev", ids(commandLine, "tpmdev", "id"),
                        "drive", drives(commandLine));
    }

    /// Names of what `drive=` can be.
    private static Set<String> drives(CommandLine commandLine) {
        return Stream.concat(
                        ids(commandLine, "drive", "id").stream(),
                        ids(commandLine, "blockdev", "node-name").stream())
                .collect(Collectors.toSet());
    }

    /// Whether a drive is called that; one without id is all the same: virtio0, none0.
    static boolean isDrive(CommandLine commandLine, String name) {
        return UNNAMED_DRIVE.matcher(name).matches() || drives(commandLine).contains(name);
    }

    private static Set<String> ids(CommandLine commandLine, String option, String key) {
        return commandLine
                .all(option)
                .flatMap(o -> o.params().get(key).or(() -> in(o.argument(), key)).stream())
                .collect(Collectors.toSet());
    }

    /// Of options that are read as one text.
    private static Optional<String> in(String argument, String key) {
        return Stream.of(argument.split(",", -1))
                .filter(part -> part.startsWith(key + "="))
                .map(part -> part.substring(key.length() + 1))
                .findFirst();
    }

    /// Looks at a device, in the order in which QEMU makes them.
    void check(DeviceDraft device, Description known) {
        bus(device, known.bus());
        if (!device.id().isEmpty()) {
            ids.add(device.id());
        }
        backends.forEach((key, ids) -> backend(device, known, key, ids));
        Need need = NEEDS.get(known.name());
        if (need != null && !need.isMet(device) && !device.params().has("subsys")) {
            add(
                    device,
                    "DEVICE-NEEDS",
                    Phase.REALIZE,
                    device.at("driver"),
                    need.words(),
                    need.fix());
        }
        MAKERS.forEach((kind, makers) -> {
            if (makers.stream().anyMatch(known.name()::contains)) {
                buses.add(kind);
            }
        });
    }

    private void bus(DeviceDraft device, String kind) {
        boolean made = MAKERS.containsKey(kind) || isOfOtherBoards(kind);
        if (made && !device.params().has("bus") && !buses.contains(kind)) {
            add(
                    device,
                    "BUS-NONE",
                    Phase.DEVICE_ADD,
                    device.at("driver"),
                    "No '" + kind + "' bus found for device '" + device.driver() + "'",
                    HELP.getOrDefault(kind, ""));
        }
        if (made) {
            named(device);
        }
    }

    /// A bus is named after the device that makes it, with a number: `usb.0`.
    private void named(DeviceDraft device) {
        String name = device.params().get("bus", "");
        int dot = name.lastIndexOf('.');
        String maker = dot < 0 ? name : name.substring(0, dot);
        boolean known =
                name.isEmpty()
                        || name.contains("/")
                        || ids.contains(maker)
                        || ids.contains(name)
                        || UNNAMED_BUS.matcher(name).matches();
        if (!known) {
            add(
                    device,
                    "BUS-UNKNOWN",
                    Phase.DEVICE_ADD,
                    device.at("bus"),
                    "Bus '" + name + "' not found",
                    problems.nearest("BUS-UNKNOWN", maker, () -> ids)
                            .map(n -> "did you mean bus=" + n + ".0?")
                            .orElse("a bus must be made by an option before it is used"));
        }
    }

    private static boolean isOfOtherBoards(String kind) {
        return switch (kind) {
            case "", "PCI", "System", "virtio-bus" -> false;
            default -> true;
        };
    }

    private void backend(DeviceDraft device, Description known, String key, Set<String> ids) {
        String name = device.params().get(key, "");
        if (name.isEmpty()) {
            return;
        }
        // A drive without id has one all the same: virtio0, none0.
        boolean numbered = key.equals("drive") && UNNAMED_DRIVE.matcher(name).matches();
        if (ids.contains(name) || numbered || !known.properties().containsKey(key)) {
            return;
        }
        String owner = known.name();
        if (owner.startsWith("virtio-") && known.bus().equals("PCI")) {
            owner = owner.substring(0, owner.indexOf("-pci")) + "-device";
        }
        add(
                device,
                "BACKEND-UNKNOWN",
                Phase.DEVICE_ADD,
                device.params().find(key).map(Param::at).orElse(device.at()),
                "Property '" + owner + "." + key + "' can't find value '" + name + "'",
                problems.nearest("BACKEND-UNKNOWN", name, () -> ids)
                        .map(n -> "did you mean " + key + "=" + n + "?")
                        .orElse("add a -" + key + " with id=" + name));
    }

    private void add(
            DeviceDraft device, String rule, Phase phase, Position at, String words, String fix) {
        problems.add(device.order(), Problem.error(rule, phase, at, words).fix(fix));
    }
}
