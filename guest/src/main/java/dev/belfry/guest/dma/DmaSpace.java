package dev.belfry.guest.dma;

import java.util.OptionalLong;

/// The addresses that a device uses.
public interface DmaSpace {

    /// Makes `[buffer, buffer + size)` reachable.
    ///
    /// @param buffer physical address
    /// @param mask highest address that the device can put out, unsigned (its DMA mask)
    /// @return the address for the device; empty when there is none (`DMA_MAPPING_ERROR`)
    OptionalLong map(long buffer, long size, Direction direction, long mask);

    /// Ends a mapping.
    ///
    /// @param address as [#map] returned it
    void unmap(long address, long size);

    /// What a device has to write to in order to reach a doorbell. It stays so for the life of the
    /// space.
    ///
    /// @param doorbell physical address
    /// @param mask as for [#map]
    OptionalLong mapDoorbell(long doorbell, long mask);
}
