package dev.belfry.vmm.check;

import dev.belfry.vmm.cmdline.CommandLine;
import dev.belfry.vmm.cmdline.Nearest;
import dev.belfry.vmm.cmdline.Option;
import dev.belfry.vmm.cmdline.Param;
import dev.belfry.vmm.cmdline.Params;
import dev.belfry.vmm.cmdline.Position;
import dev.belfry.vmm.machine.MachineDescription;
import dev.belfry.vmm.machine.PciBus;
import dev.belfry.vmm.machine.PciFunction;
import dev.belfry.vmm.machine.Problem;
import dev.belfry.vmm.machine.Severity;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// What QEMU says to `device_add` and `device_del` on a machine that runs, before the host is
/// asked.
///
/// What holds for every device is not said again here: the command line is read once more with the
/// new device behind all others, and held against all rules. Messages and their order: runs of QEMU
/// 10.0, `qdev_device_add_from_qdict`, `qdev_unplug`, `do_pci_register_device`.
public final class PlugRules {

    /// `GenericError`.
    public static final String GENERIC = "GenericError";

    /// `DeviceNotFound`.
    public static final String NOT_FOUND = "DeviceNotFound";

    private static final Set<String> STAY =
            Set.of("vfio-pci-nohotplug", "pxb-pcie", "arm-smmuv3", "virtio-iommu-pci");

    /// What QEMU makes of a request.
    public sealed interface Verdict {

        /// It may be tried.
        ///
        /// @param function the device
        record Accepted(PciFunction function) implements Verdict {}

        /// It is refused.
        ///
        /// @param errorClass QMP's
        /// @param message in QEMU's words
        /// @param fix what would be right, or empty
        record Refused(String errorClass, String message, String fix) implements Verdict {}
    }

    private CommandLine commandLine;
    private MachineDescription machine;
    private CommandLine wished;
    private Position at = new Position(0, 0, "device_add");

    /// @param commandLine of the machine that runs
    public PlugRules(CommandLine commandLine) {
        this.commandLine = commandLine;
        this.wished = commandLine;
        this.machine = CheckedMachine.read(commandLine).machine();
    }

    /// A device is to come.
    ///
    /// @param properties as QMP gives them, `driver` among them
    public Verdict add(Map<String, String> properties) {
        String driver = properties.getOrDefault("driver", "");
        if (driver.isEmpty()) {
            return refused("Parameter 'driver' is missing", "say driver=vfio-pci");
        }
        // No two requests stand at one place.
        at = new Position(0, at.column() + 1, "device_add");
        wished = with(properties, driver);
        CheckedMachine read = CheckedMachine.read(wished);
        List<Problem> errors = newErrors(read);
        Optional<Problem> unknown = first(errors, "DEVICE-UNKNOWN");
        if (unknown.isPresent()) {
            return refused(unknown.get());
        }
        return before(driver, properties)
                .or(() -> errors.stream().findFirst().map(PlugRules::refused))
                .orElseGet(() -> accepted(read, driver));
    }

    private Verdict accepted(CheckedMachine read, String driver) {
        Optional<PciFunction> made =
                read.machine().pci().inOrder().stream()
                        .filter(f -> f.plugged().at().equals(at))
                        .findFirst();
        return made.filter(f -> f instanceof PciFunction.Vfio || f instanceof PciFunction.Emulated)
                .<Verdict>map(Verdict.Accepted::new)
                .orElse(
                        refused(
                                "plugging " + driver + " while the machine runs is not modelled",
                                "plug vfio-pci, or an emulated endpoint"));
    }

    /// The device that was accepted last is there.
    public void added() {
        commandLine = wished;
        machine = CheckedMachine.read(commandLine).machine();
    }

    /// A device is to go.
    public Verdict remove(String id) {
        Optional<PciFunction> found = id.isEmpty() ? Optional.empty() : machine.pci().find(id);
        if (found.isEmpty()) {
            return new Verdict.Refused(NOT_FOUND, "Device '" + id + "' not found", nearest(id));
        }
        PciFunction f = found.get();
        String bus = f.plugged().bus();
        if (!isHotPluggable(bus)) {
            return refused("Bus '" + bus + "' does not support hotplugging", "");
        }
        return STAY.contains(f.plugged().driver())
                ? refused(stays(f.plugged().driver()), "")
                : new Verdict.Accepted(f);
    }

    /// The device is there no more.
    public void removed(String id) {
        List<Option> left =
                commandLine.options().stream()
                        .filter(o ->
                                !o.name().equals("device") || !o.params().get("id", "").equals(id))
                        .toList();
        commandLine = new CommandLine(commandLine.program(), left);
        machine = CheckedMachine.read(commandLine).machine();
    }

    private String nearest(String id) {
        List<String> ids =
                machine.pci().inOrder().stream()
                        .map(f -> f.plugged().id())
                        .filter(i -> !i.isEmpty())
                        .toList();
        return Nearest.to(id, ids).map(n -> "did you mean " + n + "?").orElse("");
    }

    private CommandLine with(Map<String, String> properties, String driver) {
        List<Param> params = new ArrayList<>();
        params.add(new Param("driver", driver, at));
        properties.forEach((key, value) -> {
            if (!key.equals("driver")) {
                params.add(new Param(key, value, at));
            }
        });
        Option plain = Option.of("device", params, at);
        // JSON options come behind all others.
        Option last = new Option(plain.spec(), "", new Params(params), true, at);
        List<Option> options = new ArrayList<>(commandLine.options());
        options.add(last);
        return new CommandLine(commandLine.program(), options);
    }

    private List<Problem> newErrors(CheckedMachine read) {
        Set<Problem> old = new HashSet<>(CheckedMachine.read(commandLine).problems());
        return read.problems().stream()
                .filter(p -> p.severity() == Severity.ERROR && !old.contains(p))
                .filter(p -> !p.rule().equals("ID-FORM"))
                .toList();
    }

    private static Optional<Problem> first(List<Problem> problems, String rule) {
        return problems.stream().filter(p -> p.rule().equals(rule)).findFirst();
    }

    /// What QEMU asks before it makes the device.
    private Optional<Verdict> before(String driver, Map<String, String> properties) {
        String named = properties.getOrDefault("bus", "");
        String bus =
                named.isEmpty()
                        ? machine.pci().roots().getLast().name()
                        : named.substring(named.lastIndexOf('/') + 1);
        if (!named.isEmpty() && findBus(bus).isEmpty()) {
            return Optional.of(
                    refused("Bus '" + named + "' not found", "buses with room: " + freePorts()));
        }
        if (!isHotPluggable(bus)) {
            return Optional.of(
                    refused(
                            "Bus '" + bus + "' does not support hotplugging",
                            "name the bus of a free port: " + freePorts()));
        }
        if (STAY.contains(driver)) {
            return Optional.of(refused(stays(driver), ""));
        }
        String id = properties.getOrDefault("id", "");
        if (!id.isEmpty() && machine.pci().find(id).isPresent()) {
            return Optional.of(refused("Duplicate device ID '" + id + "'", "give another id"));
        }
        return occupied(bus, driver);
    }

    private static String stays(String driver) {
        return "Device '" + driver + "' does not support hotplugging";
    }

    /// Function 0 makes the guest look: whatever comes later would not be found.
    private Optional<Verdict> occupied(String bus, String driver) {
        return findBus(bus).stream()
                .flatMap(b -> b.functions().stream())
                .filter(f -> f.plugged().devfn() == 0)
                .findFirst()
                .map(f ->
                        refused(
                                "PCI: slot 0 function 0 already occupied by "
                                        + f.plugged().driver()
                                        + ", new func "
                                        + driver
                                        + " cannot be exposed to guest.",
                                "free ports: " + freePorts()));
    }

    private Optional<PciBus> findBus(String name) {
        return machine.pci()
                .root(name)
                .or(() ->
                        machine.pci().inOrder().stream()
                                .filter(PciFunction.Bridge.class::isInstance)
                                .map(f -> ((PciFunction.Bridge) f).secondary())
                                .filter(b -> b.name().equals(name))
                                .findFirst());
    }

    /// Whether cards come and go on that bus: below a port with a hot-plug slot.
    private boolean isHotPluggable(String bus) {
        return machine.pci().inOrder().stream()
                .anyMatch(f ->
                        f instanceof PciFunction.Bridge b
                                && b.secondary().name().equals(bus)
                                && b.hotPlug());
    }

    private String freePorts() {
        List<String> free =
                machine.pci().inOrder().stream()
                        .filter(f ->
                                f instanceof PciFunction.Bridge b
                                        && b.hotPlug()
                                        && b.secondary().functions().isEmpty())
                        .map(f -> ((PciFunction.Bridge) f).secondary().name())
                        .toList();
        return free.isEmpty() ? "none is left" : String.join(", ", free);
    }

    private static Verdict refused(Problem p) {
        boolean iommufd = p.rule().equals("VFIO-IOMMUFD-UNKNOWN");
        return new Verdict.Refused(iommufd ? NOT_FOUND : GENERIC, p.message(), p.fix());
    }

    private static Verdict refused(String message, String fix) {
        return new Verdict.Refused(GENERIC, message, fix);
    }
}
