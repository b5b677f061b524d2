package dev.belfry.vmm.machine;

import dev.belfry.vmm.cmdline.Position;
import java.util.List;

/// A NUMA node of the guest.
///
/// @param id 0..127
/// @param memdev id of its memory, or empty
/// @param size of its memory in bytes, 0 without any
/// @param cpus as given, such as `0-3`
/// @param initiators ids of the PCI devices that `acpi-generic-initiator` puts here
/// @param at where it was asked for
public record NumaNode(
        int id, String memdev, long size, List<String> cpus, List<String> initiators, Position at) {

    public NumaNode {
        cpus = List.copyOf(cpus);
        initiators = List.copyOf(initiators);
    }
}
