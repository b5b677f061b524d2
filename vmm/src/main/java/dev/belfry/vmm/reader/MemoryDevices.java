package dev.belfry.vmm.reader;

import dev.belfry.vmm.cmdline.Quantities;
import dev.belfry.vmm.machine.Memory;
import dev.belfry.vmm.machine.Phase;
import dev.belfry.vmm.machine.Problem;
import dev.belfry.vmm.machine.Problems;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeSet;

/// DIMMs, which the machine must have been made ready for (QEMU `virt_memory_pre_plug`,
/// `pc_dimm_pre_plug`).
final class MemoryDevices {

    /// A label area is at least this long, in bytes.
    private static final long SMALLEST_LABEL = 0x20000;

    /// To which memory of its own is aligned on a host of Arm or x86, in bytes.
    private static final long ALIGNMENT = 2L << 20;

    /// What the machine has for them.
    ///
    /// @param ged a generic event device, which tells a guest with ACPI of memory that comes
    /// @param mte whether memory has tags
    /// @param nvdimm `nvdimm=on`
    /// @param memory RAM and the room beyond it
    /// @param backends sizes of the memory backends by id
    record Room(
            boolean ged, boolean mte, boolean nvdimm, Memory memory, Map<String, Long> backends) {}

    private final Room room;
    private final int nodes;
    private final Problems problems;
    private final TreeSet<Long> slots = new TreeSet<>();
    private final Map<String, DeviceDraft> busy = new HashMap<>();
    private long used;

    /// @param nodes how many NUMA nodes there are
    MemoryDevices(Room room, int nodes, Problems problems) {
        this.room = room;
        this.nodes = nodes;
        this.problems = problems;
    }

    /// Looks at a DIMM, in the order in which QEMU makes them.
    void check(DeviceDraft device, boolean persistent) {
        if (!isRoom(device, persistent) || !hasSlot(device)) {
            return;
        }
        String backend = device.params().get("memdev", "");
        if (backend.isEmpty()) {
            refuse(
                    device,
                    "driver",
                    "'memdev' property must be set",
                    "add memdev= and an -object memory-backend-ram");
            return;
        }
        long size = room.backends().getOrDefault(backend, 0L);
        long label = persistent ? label(device) : 0;
        if (label > 0 && size > 0 && (size - label) / ALIGNMENT <= 0) {
            refuse(
                    device,
                    "label-size",
                    String.format(
                            "the size of memdev %s (0x%x) is too small to contain nvdimm label (0x%x)"
                                    + " and aligned PMEM (0x%x)",
                            backend, size, label, ALIGNMENT),
                    "make label-size= smaller, or the memory larger");
            return;
        }
        long total = room.memory().maxSize() - room.memory().size();
        if (size > total - used) {
            refuse(
                    device,
                    "memdev",
                    String.format(
                            "not enough space, currently 0x%x in use of total space for memory"
                                    + " devices 0x%x",
                            used, total),
                    "make maxmem= of -m larger");
            return;
        }
        used += size;
        if (busy.putIfAbsent(backend, device) != null) {
            refuse(
                    device,
                    "memdev",
                    "can't use already busy memdev: " + backend,
                    "give each device a backend of its own");
            return;
        }
        node(device);
    }

    private boolean isRoom(DeviceDraft device, boolean persistent) {
        if (persistent && device.params().has("label-size") && label(device) < SMALLEST_LABEL) {
            return refuse(
                    device,
                    "label-size",
                    String.format(
                            "Property 'nvdimm.label-size' (0x%x) is required at least 0x%x",
                            label(device), SMALLEST_LABEL),
                    "write label-size=128K or more");
        }
        if (!room.ged() && !persistent) {
            return refuse(
                    device,
                    "driver",
                    "memory hotplug is not enabled: missing acpi-ged device",
                    "name a firmware (-bios), a 64-bit CPU, and leave ACPI on");
        }
        if (room.mte()) {
            return refuse(
                    device,
                    "driver",
                    "memory hotplug is not enabled: MTE is enabled",
                    "remove mte=on of -machine");
        }
        return !persistent
                || room.nvdimm()
                || refuse(
                        device,
                        "driver",
                        "nvdimm is not enabled: add 'nvdimm=on' to '-M'",
                        "add -machine nvdimm=on");
    }

    private static long label(DeviceDraft device) {
        String given = device.params().get("label-size", "");
        return given.isEmpty() ? 0 : Quantities.size(given).orElse(SMALLEST_LABEL);
    }

    private boolean hasSlot(DeviceDraft device) {
        int count = room.memory().slots();
        long asked = Quantities.number(device.params().get("slot", "")).orElse(-1);
        if (device.params().has("slot") && asked != -1 && (asked < 0 || asked >= count)) {
            return refuse(
                    device,
                    "slot",
                    "invalid slot number "
                            + asked
                            + ", valid range is [0-"
                            + Long.toUnsignedString(count - 1L)
                            + "]",
                    "remove slot=");
        }
        if (count == 0) {
            return refuse(
                    device,
                    "driver",
                    "no slots where allocated, please specify the 'slots' option",
                    "write -m with slots= and maxmem=");
        }
        long slot = asked >= 0 ? asked : free();
        if (slot >= count) {
            return refuse(device, "driver", "no free slots available", "make slots= of -m larger");
        }
        return slots.add(slot)
                || refuse(device, "slot", "slot " + slot + " is busy", "remove slot=");
    }

    private long free() {
        long slot = 0;
        while (slots.contains(slot)) {
            slot++;
        }
        return slot;
    }

    private void node(DeviceDraft device) {
        long node = Quantities.number(device.params().get("node", "")).orElse(0);
        if (node >= Math.max(1, nodes)) {
            refuse(
                    device,
                    "node",
                    "'DIMM property node has value "
                            + node
                            + "' which exceeds the number of numa nodes: "
                            + Math.max(1, nodes),
                    "add -numa node,nodeid=" + node);
        }
    }

    private boolean refuse(DeviceDraft device, String key, String words, String fix) {
        problems.add(
                device.order(),
                Problem.error("DEVICE-VALUE", Phase.PRE_PLUG, device.at(key), words).fix(fix));
        return false;
    }
}
