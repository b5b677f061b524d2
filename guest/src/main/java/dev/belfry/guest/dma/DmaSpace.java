package dev.belfry.guest.dma;

import java.util.OptionalLong;

/// The addresses that a device uses.
public interface DmaSpace {

    /// Makes `[buffer, buffer + size)` reachable.
    ///
    /// @param buffer physical address
    /// @return the address for the device; empty when there is none (`DMA_MAPPING_ERROR`)
    OptionalLong map(long buffer, long size, Direction direction);

    /// Ends a mapping.
    ///
    /// @param address as [#map] returned it
    void unmap(long address, long size);

    /// What a device has to write to in order to reach a doorbell. It stays so for the life of the
    /// space.
    ///
    /// @param doorbell physical address
    OptionalLong mapDoorbell(long doorbell);
}
