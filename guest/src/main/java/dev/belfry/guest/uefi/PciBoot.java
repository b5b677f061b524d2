package dev.belfry.guest.uefi;

import dev.belfry.kernel.Machine;
import dev.belfry.kernel.pci.BarResource;
import dev.belfry.kernel.pci.HostWindow;
import dev.belfry.kernel.pci.PciHost;
import dev.belfry.model.bits.Bits;
import java.util.ArrayList;
import java.util.List;

/// Numbers the buses below each root bus and places BARs, one root bus after the other in shared
/// windows.
public final class PciBoot {

    /// What a bridge forwards in steps of, as a power of two.
    private static final int FORWARDING_STEP = 20;

    private static final long LEAST_FOR_SLOT = 2L << 20;
    private static final int SLOTS = 512;

    private PciBoot() {}

    /// The PCI host as the board tells it.
    ///
    /// @param ecamBase configuration space of bus 0
    /// @param lastBus last bus that configuration space has room for
    /// @param roots numbers of the root buses, ascending
    /// @param windows shared by all root buses
    public record Board(long ecamBase, int lastBus, List<Integer> roots, List<HostWindow> windows) {
        public Board {
            roots = List.copyOf(roots);
            windows = List.copyOf(windows);
        }
    }

    /// Does it.
    ///
    /// @return what found no room, one sentence each
    public static List<String> run(Machine machine, Board board) {
        List<String> problems = new ArrayList<>();
        List<HostWindow> left = board.windows;
        for (int i = 0; i < board.roots.size(); i++) {
            int first = board.roots.get(i);
            int last = i + 1 < board.roots.size() ? board.roots.get(i + 1) - 1 : board.lastBus;
            PciHost host =
                    new PciHost(
                            machine,
                            new PciHost.Setup(
                                    0,
                                    board.ecamBase + ((long) first << 20),
                                    first,
                                    last,
                                    left,
                                    false),
                            forSlot(board));
            host.enumerate();
            for (BarResource bar : host.unplaced()) {
                problems.add(
                        "firmware finds no room for a BAR of "
                                + bar.size()
                                + " bytes below root bus "
                                + first);
            }
            left = host.left().stream().map(PciBoot::stepped).toList();
        }
        return problems;
    }

    /// Cards that come later want room for large BARs: each slot gets a share of the high window,
    /// as EDK2's PciHotPlugInitDxe reserves one.
    private static long forSlot(Board board) {
        long high =
                board.windows.stream()
                        .filter(w -> w.space() == HostWindow.Space.MEM64)
                        .mapToLong(HostWindow::size)
                        .max()
                        .orElse(0);
        return Math.max(LEAST_FOR_SLOT, Long.highestOneBit(high / SLOTS));
    }

    /// The next root bus begins at a step of what bridges forward.
    private static HostWindow stepped(HostWindow window) {
        if (window.space() == HostWindow.Space.IO) {
            return window;
        }
        long taken = Math.min(-window.pciBase() & Bits.lowMask(FORWARDING_STEP), window.size());
        return new HostWindow(
                window.space(),
                window.cpuBase() + taken,
                window.pciBase() + taken,
                window.size() - taken);
    }
}
