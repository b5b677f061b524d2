package dev.belfry.vmm.reader;

import dev.belfry.vmm.cmdline.Param;
import dev.belfry.vmm.cmdline.Params;
import dev.belfry.vmm.cmdline.Position;

/// A device to be made.
///
/// @param order place in the order in which QEMU makes devices; -1 for the machine's own
/// @param driver QEMU's name of the device
/// @param params what was given, `-global` values first
/// @param at where it was asked for
record DeviceDraft(int order, String driver, Params params, Position at) {

    String id() {
        return params.get("id", "");
    }

    /// Where a property stands, or the device if it was not given.
    Position at(String key) {
        return params.find(key).map(Param::at).orElse(at);
    }
}
