package dev.belfry.vmm.virt;

import dev.belfry.model.pci.AssignedDevice;
import dev.belfry.model.pci.AssignedDevice.BarSize;
import dev.belfry.model.pci.Endpoint;
import dev.belfry.model.pci.FunctionIdentity;
import dev.belfry.model.pci.spec.Bar;
import java.util.ArrayList;
import java.util.List;

/// An endpoint for a device name that has no model of its own: what matters to DMA and interrupts,
/// under the ids of QEMU's generic PCI devices.
final class GenericEndpoint {

    private static final FunctionIdentity IDENTITY =
            FunctionIdentity.of(0x1b36, 0x00ff, 0xff_0000, 0);

    private static final long ENGINE_BAR = 0x4000;
    private static final int MSIX_BAR = 1;
    private static final long SMALLEST_TABLE_BAR = 0x4000;

    private GenericEndpoint() {}

    /// @param vectors how many, 0 without
    /// @param msix whether they are MSI-X, else MSI
    static Endpoint with(int vectors, boolean msix) {
        List<BarSize> bars = new ArrayList<>();
        bars.add(new BarSize(0, Bar.Kind.MEMORY_32, false, ENGINE_BAR));
        if (msix && vectors > 0) {
            bars.add(new BarSize(MSIX_BAR, Bar.Kind.MEMORY_32, false, tableBar(vectors)));
        }
        return new AssignedDevice(
                        IDENTITY,
                        bars,
                        msix ? vectors : 0,
                        MSIX_BAR,
                        0,
                        msix || vectors == 0 ? 0 : Integer.highestOneBit(Math.min(vectors, 32)),
                        0,
                        0,
                        false,
                        false)
                .create();
    }

    /// Room for the table and a page of pending bits.
    private static long tableBar(int vectors) {
        long needed = ((vectors * 16L + 0xfff) & ~0xfffL) + 0x1000;
        return Math.max(SMALLEST_TABLE_BAR, Long.highestOneBit(needed * 2 - 1));
    }
}
