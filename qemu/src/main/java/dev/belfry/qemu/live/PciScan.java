package dev.belfry.qemu.live;

import dev.belfry.model.journey.Bytes;
import dev.belfry.model.pci.spec.Bdf;
import dev.belfry.model.pci.spec.ConfigSpace;
import dev.belfry.model.system.SystemView.Function;
import dev.belfry.qemu.pci.MsixTable;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;

/// The PCI functions of a running machine: which there are says `query-pci`, what they are is read
/// from ECAM and from their MSI-X tables.
final class PciScan {

    private static final int CONFIG = 4096;
    private static final int BUS_BITS = 20;

    private final Port port;
    private final MemoryTree.Region ecam;
    private final List<String> notes;
    private final TreeSet<Integer> routingIds = new TreeSet<>();

    private PciScan(Port port, MemoryTree.Region ecam, List<String> notes) {
        this.port = port;
        this.ecam = ecam;
        this.notes = notes;
    }

    /// Reads all functions.
    ///
    /// @param buses what `query-pci` returns
    /// @param notes what could not be read is added here
    static List<Function> functions(
            Port port, MemoryTree.Region ecam, JsonNode buses, List<String> notes) {
        PciScan scan = new PciScan(port, ecam, notes);
        for (JsonNode bus : buses) {
            scan.devices(bus.path("devices"), -1);
        }
        List<Function> out = new ArrayList<>();
        for (int rid : scan.routingIds) {
            scan.function(Bdf.of(0, rid), out);
        }
        return out;
    }

    private void devices(JsonNode devices, int parentBus) {
        for (JsonNode device : devices) {
            int bus = device.path("bus").asInt(0);
            if (bus == parentBus) {
                notes.add("Devices behind a bridge that has no bus number yet are left out.");
                return;
            }
            int slot = device.path("slot").asInt(0);
            int function = device.path("function").asInt(0);
            routingIds.add((bus & 0xff) << 8 | (slot & 0x1f) << 3 | (function & 7));
            devices(device.path("pci_bridge").path("devices"), bus);
        }
    }

    private void function(Bdf bdf, List<Function> out) {
        long at = (long) bdf.routingId() << (BUS_BITS - 8);
        byte[] bytes =
                at <= ecam.size() - CONFIG ? port.bytes(ecam.base() + at, CONFIG) : new byte[0];
        ConfigSpace config = ConfigSpace.of(bytes);
        if (bytes.length != CONFIG || !config.isPresent()) {
            notes.add("The configuration space of " + bdf + " cannot be read.");
            return;
        }
        MsixTable msix = MsixTable.of(config);
        long address = msix.address();
        byte[] table = {};
        if (address != 0) {
            table = port.bytes(address, msix.entries() * 16);
        }
        if (table.length == 0 && msix.entries() > 0) {
            notes.add(
                    "The MSI-X table of "
                            + bdf
                            + (address == 0
                                    ? " is not mapped: its BAR or memory decoding is off."
                                    : " cannot be read."));
        }
        out.add(new Function(bdf, Bytes.of(bytes), Bytes.of(table), address));
    }
}
