package dev.belfry.vmm.machine;

import dev.belfry.vmm.cmdline.Params;
import dev.belfry.vmm.cmdline.Position;

/// What every PCI function has.
///
/// @param id as given, or empty
/// @param driver QEMU's name of the device
/// @param order place in the order in which QEMU makes devices; -1 for the machine's own
/// @param bus name of the bus that it is on
/// @param device 0..31
/// @param function 0..7
/// @param multifunction whether the header says so
/// @param params everything that was given
/// @param at where it was asked for
public record Plugged(
        String id,
        String driver,
        int order,
        String bus,
        int device,
        int function,
        boolean multifunction,
        Params params,
        Position at) {

    /// Device and function as one number, 0..255.
    public int devfn() {
        return device << 3 | function;
    }

    /// Its id, or what else to call it: `nvme at pcie.0 slot 2`.
    public String label() {
        return id.isEmpty()
                ? driver + " at " + bus + " slot " + Integer.toHexString(device) + "." + function
                : id;
    }
}
