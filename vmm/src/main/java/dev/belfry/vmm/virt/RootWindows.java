package dev.belfry.vmm.virt;

import dev.belfry.model.pci.BarFrame;
import dev.belfry.model.pci.Bridge;
import dev.belfry.model.pci.PciBus;
import dev.belfry.model.pci.PciFunction;
import dev.belfry.model.pci.spec.BridgeWindow;
import dev.belfry.vmm.firmware.FirmwareInputs.Window;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/// What a `pxb-pcie` claims from the host's windows: what firmware gave to the functions on its
/// bus, and what it lets their bridges forward. A range that begins at 0 is one that nobody gave.
///
/// @param ports I/O ports, ascending
/// @param memory ascending; ranges that touch are one, unless one of them ends above 4 GiB only
record RootWindows(List<Window> ports, List<Window> memory) {

    static RootWindows of(PciBus root) {
        List<Window> ports = new ArrayList<>();
        List<Window> memory = new ArrayList<>();
        for (PciFunction f : root.functions()) {
            bars(f, ports, memory);
            if (f instanceof Bridge bridge) {
                open(bridge.ioWindow(), ports);
                open(bridge.memoryWindow(), memory);
                open(bridge.prefetchableWindow(), memory);
            }
        }
        return new RootWindows(joined(ports), joined(memory));
    }

    private static void bars(PciFunction f, List<Window> ports, List<Window> memory) {
        for (int i = 0; i < 6; i++) {
            BarFrame bar = f.bar(i).orElse(null);
            // A 64-bit BAR is there under its upper index, too.
            if (bar != null && bar.index() == i) {
                f.barPort(i).ifPresent(base -> ports.add(new Window(base, bar.size())));
                f.barAddress(i).ifPresent(base -> memory.add(new Window(base, bar.size())));
            }
        }
    }

    private static void open(BridgeWindow window, List<Window> to) {
        if (window.isOpen() && window.base() != 0) {
            to.add(new Window(window.base(), window.limit() - window.base() + 1));
        }
    }

    private static List<Window> joined(List<Window> windows) {
        List<Window> out = new ArrayList<>();
        for (Window w : windows.stream().sorted(Comparator.comparingLong(Window::base)).toList()) {
            Window before = out.isEmpty() ? w : out.getLast();
            boolean sameKind = before.last() >>> 32 == 0 == (w.last() >>> 32 == 0);
            if (!out.isEmpty() && before.last() + 1 == w.base() && sameKind) {
                out.set(out.size() - 1, new Window(before.base(), before.size() + w.size()));
            } else {
                out.add(w);
            }
        }
        return out;
    }
}
