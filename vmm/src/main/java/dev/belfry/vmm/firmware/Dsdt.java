package dev.belfry.vmm.firmware;

import static dev.belfry.vmm.firmware.Aml.argument;
import static dev.belfry.vmm.firmware.Aml.buffer;
import static dev.belfry.vmm.firmware.Aml.device;
import static dev.belfry.vmm.firmware.Aml.equal;
import static dev.belfry.vmm.firmware.Aml.giveBack;
import static dev.belfry.vmm.firmware.Aml.integer;
import static dev.belfry.vmm.firmware.Aml.join;
import static dev.belfry.vmm.firmware.Aml.method;
import static dev.belfry.vmm.firmware.Aml.name;
import static dev.belfry.vmm.firmware.Aml.packageOf;
import static dev.belfry.vmm.firmware.Aml.string;
import static dev.belfry.vmm.firmware.Aml.uuid;
import static dev.belfry.vmm.firmware.Aml.when;

import dev.belfry.vmm.firmware.FirmwareInputs.PciHost;
import dev.belfry.vmm.firmware.FirmwareInputs.RootBus;
import dev.belfry.vmm.firmware.FirmwareInputs.Window;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/// The Differentiated System Description Table: CPUs, a PCI host bridge for each root bus, and the
/// CMDQ-Vs of SMMUs.
final class Dsdt {

    /// `_DSM` of PCI devices (PCI Firmware 3.3, 4.6).
    private static final String PCI_DSM = "e5c937d0-3553-4d7a-9117-ea4d19c3434d";

    private static final int PRESERVE_BOOT_CONFIG = 5;
    private static final int SLOTS = 32;
    private static final int PINS = 4;

    private final FirmwareInputs inputs;
    private final PciHost pci;

    private Dsdt(FirmwareInputs inputs) {
        this.inputs = inputs;
        pci = inputs.pci();
    }

    static byte[] build(FirmwareInputs inputs) {
        Dsdt dsdt = new Dsdt(inputs);
        List<byte[]> devices = new ArrayList<>();
        IntStream.range(0, inputs.cpus()).mapToObj(Dsdt::cpu).forEach(devices::add);
        dsdt.expanders().stream().map(dsdt::expander).forEach(devices::add);
        devices.add(dsdt.rootBus());
        for (FirmwareInputs.Smmu smmu : inputs.smmus()) {
            smmu.cmdqv().ifPresent(c -> devices.add(cmdqv(smmu.identifier().orElse(0), c)));
        }
        byte[] scope = Aml.scope("_SB", devices.toArray(byte[][]::new));
        return AcpiTable.of("DSDT", 2, new TableBytes().bytes(scope));
    }

    private static byte[] cpu(int number) {
        return device(
                String.format("C%03X", number),
                name("_HID", string("ACPI0007")),
                name("_UID", integer(number)));
    }

    /// A guest finds it by the identifier of the SMMU's IORT node.
    private static byte[] cmdqv(int identifier, FirmwareInputs.Cmdqv cmdqv) {
        ResourceTemplate resources =
                new ResourceTemplate().registers(cmdqv.frame()).edgeInterrupt(cmdqv.intId());
        return device(
                String.format("CV%02d", identifier % 100),
                name("_HID", string("NVDA200C")),
                name("_UID", integer(identifier)),
                name("_CCA", integer(1)),
                name("_CRS", resources.toAml()));
    }

    private List<RootBus> expanders() {
        return pci.roots().subList(1, pci.roots().size());
    }

    /// A `pxb-pcie`: it has the windows that the devices below it need. Ports keep their numbers.
    private byte[] expander(RootBus root) {
        ResourceTemplate resources = new ResourceTemplate().buses(root.firstBus(), root.lastBus());
        root.io().forEach(w -> resources.io(ports(w), pci.pio().base()));
        root.memory().forEach(resources::memory);
        return device(
                String.format("PC%02X", root.firstBus()),
                hostBridge(root.firstBus(), resources.toAml()));
    }

    /// `pcie.0`: it has every window and bus that no other root bus claims.
    private byte[] rootBus() {
        int lastBus =
                expanders().stream().mapToInt(RootBus::firstBus).min().orElse(pci.buses()) - 1;
        List<Window> claimedMemory =
                expanders().stream().flatMap(r -> r.memory().stream()).toList();
        List<Window> claimedIo = expanders().stream().flatMap(r -> r.io().stream()).toList();
        ResourceTemplate resources = new ResourceTemplate().buses(0, lastBus);
        Windows.without(pci.mmio32(), claimedMemory).forEach(resources::memory);
        Windows.without(pci.pio(), claimedIo)
                .forEach(w -> resources.io(ports(w), pci.pio().base()));
        pci.mmio64()
                .map(wide -> Windows.without(wide, claimedMemory))
                .orElse(List.of())
                .forEach(resources::memory);
        return device("PCI0", hostBridge(0, resources.toAml()));
    }

    private Window ports(Window io) {
        return new Window(io.base() - pci.pio().base(), io.size());
    }

    private byte[] hostBridge(int bus, byte[] resources) {
        return join(
                name("_HID", string("PNP0A08")),
                name("_CID", string("PNP0A03")),
                name("_SEG", integer(0)),
                name("_BBN", integer(bus)),
                name("_UID", integer(bus)),
                name("_CCA", integer(1)),
                interruptRouting(),
                name("_CRS", resources),
                deviceSpecificMethod());
    }

    /// `_PRT` (6.2.13): pin p of slot s raises line (s + p) % 4.
    private byte[] interruptRouting() {
        byte[][] routes = new byte[SLOTS * PINS][];
        for (int i = 0; i < routes.length; i++) {
            int slot = i / PINS;
            int pin = i % PINS;
            routes[i] =
                    packageOf(
                            integer((long) slot << 16 | 0xffff),
                            integer(pin),
                            integer(0),
                            integer(pci.firstIntId() + (slot + pin) % PINS));
        }
        return name("_PRT", packageOf(routes));
    }

    /// Function 0 says which functions there are; function 5 returns 0 to ask that the boot
    /// configuration be kept.
    private byte[] deviceSpecificMethod() {
        boolean preserve = inputs.options().preserveConfig();
        int functions = preserve ? 1 | 1 << PRESERVE_BOOT_CONFIG : 0;
        byte[] query = when(equal(argument(2), integer(0)), giveBack(buffer((byte) functions)));
        byte[] keep = when(equal(argument(2), integer(PRESERVE_BOOT_CONFIG)), giveBack(integer(0)));
        return method(
                "_DSM",
                4,
                when(equal(argument(0), uuid(PCI_DSM)), preserve ? join(query, keep) : query),
                giveBack(buffer((byte) 0)));
    }
}
