package dev.belfry.vmm.reader;

import dev.belfry.vmm.catalog.Catalog;
import dev.belfry.vmm.catalog.Description;
import dev.belfry.vmm.cmdline.CommandLine;
import dev.belfry.vmm.cmdline.Edit;
import dev.belfry.vmm.cmdline.Option;
import dev.belfry.vmm.cmdline.Param;
import dev.belfry.vmm.cmdline.Params;
import dev.belfry.vmm.cmdline.Position;
import dev.belfry.vmm.machine.Phase;
import dev.belfry.vmm.machine.Problem;
import dev.belfry.vmm.machine.Problems;
import dev.belfry.vmm.machine.Severity;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/// Lists the devices to be made in QEMU's order: network cards of `-nic` and `-net` (or the default
/// one), `-device key=value`, disks of `-drive` and the like, `-device {json}`.
final class DeviceList {

    private static final Pattern IDENTIFIER = Pattern.compile("[A-Za-z][A-Za-z0-9_.-]*");
    private static final List<String> SHORT_DISKS =
            List.of("hda", "hdb", "hdc", "hdd", "cdrom", "disk image");

    private final CommandLine commandLine;
    private final Position start;
    private final Problems problems;
    private final List<DeviceDraft> devices = new ArrayList<>();
    private final Set<Position> inJson = new HashSet<>();
    private final Map<String, List<Param>> globals = new HashMap<>();

    private DeviceList(CommandLine commandLine, Position start, Problems problems) {
        this.commandLine = commandLine;
        this.start = start;
        this.problems = problems;
    }

    static List<DeviceDraft> of(CommandLine commandLine, Position start, Problems problems) {
        DeviceList list = new DeviceList(commandLine, start, problems);
        commandLine.all("global").forEach(list::global);
        list.networkCards();
        commandLine.all("device").filter(o -> !o.json()).forEach(list::device);
        list.disks();
        commandLine
                .all("device")
                .filter(Option::json)
                .forEach(o -> {
                    list.inJson.add(o.at());
                    list.device(o);
                });
        list.ids();
        return List.copyOf(list.devices);
    }

    private void networkCards() {
        boolean named =
                commandLine.has("nic") || commandLine.has("net") || commandLine.has("netdev");
        if (!named && !commandLine.has("nodefaults")) {
            add("virtio-net-pci", Params.NONE, start.named("the default network card"));
        }
        commandLine
                .all("net")
                .filter(o -> o.params().get("type", "").equals("nic"))
                .forEach(this::networkCard);
        commandLine
                .all("nic")
                .filter(o -> !o.params().get("type", "").equals("none"))
                .forEach(this::networkCard);
    }

    private void networkCard(Option option) {
        String model = option.params().get("model", "virtio-net-pci");
        String driver = model.equals("virtio") ? "virtio-net-pci" : model;
        Optional<Description> known = Catalog.device(driver);
        if (known.isEmpty()) {
            problems.add(
                    Problems.AFTER_DEVICES,
                    Problem.of(
                                    Severity.WARNING,
                                    "NIC-MODEL",
                                    Phase.MACHINE_DONE,
                                    option.params()
                                            .find("model")
                                            .map(Param::at)
                                            .orElse(option.at()),
                                    "requested NIC (model "
                                            + model
                                            + ") was not created: it is not supported by this"
                                            + " machine")
                            .fix("write model=virtio-net-pci"));
            return;
        }
        add(known.get().name(), Params.NONE, option.at());
    }

    /// QEMU names a drive without id after its place among those of its kind.
    private void disks() {
        int drives = 0;
        for (Option option : commandLine.options()) {
            boolean disk =
                    SHORT_DISKS.contains(option.name())
                            || (option.name().equals("drive")
                                    && option.params().get("if", "virtio").equals("virtio"));
            if (disk) {
                String drive = option.params().get("id", "virtio" + drives++);
                Param given = new Param("drive", drive, option.at());
                add("virtio-blk-pci", new Params(List.of(given)), option.at());
            }
        }
    }

    private void device(Option option) {
        Params params = option.params();
        String driver = DeviceCatalog.named(params.get("driver", ""));
        if (driver.isEmpty()) {
            problems.add(
                    devices.size(),
                    Problem.error(
                                    "DEVICE-DRIVER",
                                    Phase.DEVICE_ADD,
                                    option.at(),
                                    "Parameter 'driver' is missing")
                            .fix("name the device first: -device nvme,…"));
            return;
        }
        repeatedKeys(driver, params, option.at());
        add(driver, params, option.at());
    }

    private void add(String driver, Params params, Position at) {
        Params all = params.after(new Params(globals.getOrDefault(driver, List.of())));
        devices.add(new DeviceDraft(devices.size(), driver, all, at));
    }

    private void repeatedKeys(String driver, Params params, Position at) {
        for (String key : params.keys()) {
            List<Param> each = params.each(key);
            if (each.size() > 1) {
                String counts = params.get(key, "");
                problems.add(
                        devices.size(),
                        Problem.of(
                                        Severity.WARNING,
                                        "KEY-TWICE",
                                        Phase.DEVICE_ADD,
                                        each.getLast().at(),
                                        driver
                                                + ": '"
                                                + key
                                                + "' is given twice, first at "
                                                + each.getFirst().at()
                                                + "; '"
                                                + counts
                                                + "' counts")
                                .because(
                                        "of several id= the first counts, of any other key the"
                                                + " last",
                                        "QEMU util/qemu-option.c, opts_parse_id")
                                .fix(
                                        "remove "
                                                + key
                                                + "="
                                                + idle(key, each)
                                                + ", which does not count")
                                .repair(new Edit.Remove(at, key)));
            }
        }
    }

    /// The value that does not count.
    private static String idle(String key, List<Param> each) {
        return (key.equals("id") ? each.getLast() : each.getFirst()).value();
    }

    /// `driver.property=value`, or `driver=…,property=…,value=…`.
    private void global(Option option) {
        String text = option.argument();
        int equals = text.indexOf('=');
        int dot = text.indexOf('.');
        String driver = "";
        String key = "";
        String value = "";
        if (text.startsWith("driver=")) {
            for (String part : text.split(",", -1)) {
                switch (part.substring(0, Math.max(0, part.indexOf('=')))) {
                    case "driver" -> driver = part.substring(7);
                    case "property" -> key = part.substring(9);
                    case "value" -> value = part.substring(6);
                    default -> {}
                }
            }
        } else if (dot > 0 && equals > dot) {
            driver = text.substring(0, dot);
            key = text.substring(dot + 1, equals);
            value = text.substring(equals + 1);
        }
        if (driver.isEmpty() || key.isEmpty()) {
            problems.add(
                    Problems.BEFORE_DEVICES,
                    Problem.error(
                                    "GLOBAL",
                                    Phase.OPTIONS,
                                    option.at(),
                                    "Invalid parameter '" + text + "'")
                            .fix("write -global driver.property=value"));
            return;
        }
        globals.computeIfAbsent(DeviceCatalog.named(driver), d -> new ArrayList<>())
                .add(new Param(key, value, option.at()));
    }

    private void ids() {
        Map<String, DeviceDraft> seen = new HashMap<>();
        for (DeviceDraft device : devices) {
            String id = device.id();
            if (id.isEmpty()) {
                continue;
            }
            Position at = device.at("id");
            if (!IDENTIFIER.matcher(id).matches()) {
                problems.add(
                        Problems.BEFORE_DEVICES,
                        Problem.error(
                                        "ID-FORM",
                                        Phase.OPTIONS,
                                        at,
                                        "Parameter 'id' expects an identifier")
                                .fix(
                                        "begin it with a letter: id=d"
                                                + id.replaceAll("[^A-Za-z0-9._-]", "-")));
            }
            DeviceDraft earlier = seen.putIfAbsent(id, device);
            if (earlier != null) {
                // Ids of JSON are compared when the device is made.
                boolean json = inJson.contains(device.at());
                problems.add(
                        json ? device.order() : Problems.BEFORE_DEVICES,
                        Problem.error(
                                        "ID-TWICE",
                                        json ? Phase.DEVICE_ADD : Phase.OPTIONS,
                                        at,
                                        (json
                                                        ? "Duplicate device ID '" + id + "'"
                                                        : "Duplicate ID '" + id + "' for device")
                                                + ", first given at "
                                                + earlier.at("id")
                                                + " ("
                                                + earlier.driver()
                                                + ")")
                                .fix("write another id here: id=" + id + "-2"));
            }
        }
    }
}
