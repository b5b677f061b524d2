package dev.belfry.host.machine;

import dev.belfry.kernel.pci.HostWindow;
import java.util.List;

/// Where configuration space and BARs of the host are: beyond all RAM, and below 4 GiB for 32-bit
/// BARs.
final class PciLayout {

    private static final long ECAM = 0x3000_0000_0000L;
    private static final long ECAM_SIZE = 1L << 28;
    private static final long MEM64 = 0x3100_0000_0000L;
    private static final long MEM64_SIZE = 1L << 40;
    private static final long MEM32 = 0x4000_0000L;
    private static final long MEM32_SIZE = 1L << 24;
    private static final int BUS_SHIFT = 20;

    private PciLayout() {}

    /// Configuration space of the `index`-th segment.
    static long ecam(int index) {
        return ECAM + index * ECAM_SIZE;
    }

    /// The host bridge of bus `bus` of a segment.
    ///
    /// @param index of the segment
    /// @param bridge counts host bridges of the machine
    static HostBridge bridge(int segment, int index, int bus, int bridge) {
        long ecam = ecam(index) + ((long) bus << BUS_SHIFT);
        return new HostBridge(segment, bus, ecam, List.of(mem32(bridge), mem64(bridge)));
    }

    private static HostWindow mem32(int bridge) {
        long base = MEM32 + bridge * MEM32_SIZE;
        return new HostWindow(HostWindow.Space.MEM32, base, base, MEM32_SIZE);
    }

    private static HostWindow mem64(int bridge) {
        long base = MEM64 + bridge * MEM64_SIZE;
        return new HostWindow(HostWindow.Space.MEM64, base, base, MEM64_SIZE);
    }
}
