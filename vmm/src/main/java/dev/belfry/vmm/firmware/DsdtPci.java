package dev.belfry.vmm.firmware;

import static dev.belfry.vmm.firmware.Aml.buffer;
import static dev.belfry.vmm.firmware.Aml.device;
import static dev.belfry.vmm.firmware.Aml.integer;
import static dev.belfry.vmm.firmware.Aml.join;
import static dev.belfry.vmm.firmware.Aml.method;
import static dev.belfry.vmm.firmware.Aml.name;
import static dev.belfry.vmm.firmware.Aml.packageOf;
import static dev.belfry.vmm.firmware.Aml.path;
import static dev.belfry.vmm.firmware.Aml.string;
import static dev.belfry.vmm.firmware.Aml.uuid;
import static dev.belfry.vmm.firmware.AmlCode.argument;
import static dev.belfry.vmm.firmware.AmlCode.equal;
import static dev.belfry.vmm.firmware.AmlCode.giveBack;
import static dev.belfry.vmm.firmware.AmlCode.when;
import static dev.belfry.vmm.firmware.DsdtBoard.resources;

import dev.belfry.vmm.firmware.FirmwareInputs.PciHost;
import dev.belfry.vmm.firmware.FirmwareInputs.RootBus;
import dev.belfry.vmm.firmware.FirmwareInputs.Window;
import java.util.ArrayList;
import java.util.List;

/// A PCI host bridge for each root bus, and the link devices that its interrupts are routed to.
final class DsdtPci {

    /// `_DSM` of PCI devices (PCI Firmware 3.3, 4.6).
    static final String PCI_DSM = "e5c937d0-3553-4d7a-9117-ea4d19c3434d";

    private static final int PRESERVE_BOOT_CONFIG = 5;
    private static final int SLOTS = 32;
    private static final int PINS = 4;

    private final PciHost pci;
    private final boolean preserve;
    private final Board board;

    /// Whether link devices are the host bridges' siblings, one set for each, or within them.
    private final boolean siblings;

    DsdtPci(FirmwareInputs inputs) {
        pci = inputs.pci();
        board = inputs.board();
        preserve = inputs.options().preserveConfig();
        siblings = board.release().isAtLeast(9, 1);
    }

    List<byte[]> hostBridges() {
        List<byte[]> devices = new ArrayList<>();
        expanders().reversed().forEach(root -> expander(root, devices));
        rootBus(devices);
        return devices;
    }

    private List<RootBus> expanders() {
        return pci.roots().subList(1, pci.roots().size());
    }

    /// A `pxb-pcie`: it has the windows that the devices below it need. Ports keep their numbers.
    private void expander(RootBus root, List<byte[]> devices) {
        int bus = root.firstBus();
        ResourceTemplate windows = new ResourceTemplate();
        root.io().forEach(w -> windows.io(w, pci.pio().base()));
        below4g(root.memory()).forEach(windows::memory32);
        above4g(root.memory()).forEach(windows::memory64);
        windows.buses(bus, root.lastBus());
        List<byte[]> terms = new ArrayList<>(identity());
        terms.add(name("_BBN", integer(bus)));
        terms.add(name("_UID", integer(bus)));
        terms.add(name("_STR", Aml.unicode("pxb Device")));
        terms.add(name("_CCA", integer(1)));
        root.numaNode().ifPresent(node -> terms.add(name("_PXM", integer(node))));
        routes(bus, devices, terms);
        terms.add(resources(windows));
        terms.addAll(methods());
        devices.add(device(String.format("PC%02X", bus), terms));
    }

    /// `pcie.0`: it has every window and bus that no other root bus claims.
    private void rootBus(List<byte[]> devices) {
        List<byte[]> terms = new ArrayList<>(identity());
        terms.add(name("_SEG", integer(0)));
        terms.add(name("_BBN", integer(0)));
        terms.add(name("_UID", integer(0)));
        terms.add(name("_STR", Aml.unicode("PCIe 0 Device")));
        terms.add(name("_CCA", integer(1)));
        routes(0, devices, terms);
        terms.add(method("_CBA", 0, giveBack(integer(pci.ecam().base()))));
        terms.add(resources(rootWindows()));
        terms.addAll(methods());
        terms.add(
                device(
                        "RES0",
                        name("_HID", string("PNP0C02")),
                        resources(new ResourceTemplate().memory64(pci.ecam()))));
        devices.add(device("PCI0", terms));
    }

    private ResourceTemplate rootWindows() {
        int lastBus =
                expanders().stream().mapToInt(RootBus::firstBus).min().orElse(pci.buses()) - 1;
        List<Window> memory = expanders().stream().flatMap(r -> r.memory().stream()).toList();
        List<Window> ports = expanders().stream().flatMap(r -> r.io().stream()).toList();
        ResourceTemplate windows = new ResourceTemplate().buses(0, lastBus);
        Windows.without(pci.mmio32(), memory).forEach(windows::memory32);
        Windows.without(new Window(0, pci.pio().size()), ports)
                .forEach(w -> windows.io(w, pci.pio().base()));
        pci.mmio64().ifPresent(wide -> Windows.without(wide, memory).forEach(windows::memory64));
        return windows;
    }

    private static List<Window> below4g(List<Window> windows) {
        return windows.stream().filter(w -> w.last() >>> 32 == 0).toList();
    }

    private static List<Window> above4g(List<Window> windows) {
        return windows.stream().filter(w -> w.last() >>> 32 != 0).toList();
    }

    private static List<byte[]> identity() {
        return List.of(name("_HID", string("PNP0A08")), name("_CID", string("PNP0A03")));
    }

    /// `_PRT` (6.2.13): pin p of slot s raises line (s + p) % 4.
    private void routes(int bus, List<byte[]> devices, List<byte[]> terms) {
        byte[][] routes = new byte[SLOTS * PINS][];
        for (int i = 0; i < routes.length; i++) {
            int slot = i / PINS;
            int pin = i % PINS;
            routes[i] =
                    packageOf(
                            integer((long) slot << 16 | 0xffff),
                            integer(pin),
                            path(link(bus, (slot + pin) % PINS)),
                            integer(0));
        }
        terms.add(name("_PRT", Aml.variablePackage(routes)));
        for (int line = 0; line < PINS; line++) {
            (siblings ? devices : terms).add(linkDevice(bus, line));
        }
    }

    private String link(int bus, int line) {
        return siblings ? String.format("L%02X%X", bus, line) : "GSI" + line;
    }

    private byte[] linkDevice(int bus, int line) {
        byte[] interrupt = new ResourceTemplate().levelInterrupt(pci.firstIntId() + line).toAml();
        return device(
                link(bus, line),
                name("_HID", string("PNP0C0F")),
                name("_UID", integer(line)),
                name("_PRS", interrupt),
                name("_CRS", interrupt),
                method("_SRS", 1));
    }

    private List<byte[]> methods() {
        List<byte[]> methods = new ArrayList<>(OperatingSystem.capabilities(board.release()));
        methods.add(deviceSpecificMethod());
        return methods;
    }

    /// Function 0 says which functions there are; function 5 returns 0 to ask that the boot
    /// configuration be kept.
    private byte[] deviceSpecificMethod() {
        int alone = board.release().isAtLeast(10, 1) ? 0 : 1;
        int functions = preserve ? 1 | 1 << PRESERVE_BOOT_CONFIG : alone;
        byte[] query = when(equal(argument(2), integer(0)), giveBack(buffer((byte) functions)));
        byte[] keep = when(equal(argument(2), integer(PRESERVE_BOOT_CONFIG)), giveBack(integer(0)));
        return method(
                "_DSM",
                4,
                when(equal(argument(0), uuid(PCI_DSM)), preserve ? join(query, keep) : query),
                giveBack(buffer((byte) 0)));
    }
}
