package dev.belfry.host.machine;

import dev.belfry.kernel.pci.HostWindow;
import java.util.List;

/// A PCI host bridge, as the firmware's tables describe it.
///
/// @param segment PCI segment
/// @param bus its only bus
/// @param ecamBase configuration space of that bus
/// @param windows memory that it passes down
public record HostBridge(int segment, int bus, long ecamBase, List<HostWindow> windows) {

    public HostBridge {
        windows = List.copyOf(windows);
    }
}
