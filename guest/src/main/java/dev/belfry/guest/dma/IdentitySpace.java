package dev.belfry.guest.dma;

import java.util.OptionalLong;

/// Addresses are physical.
public final class IdentitySpace implements DmaSpace {

    @Override
    public OptionalLong map(long buffer, long size, Direction direction) {
        return OptionalLong.of(buffer);
    }

    @Override
    public void unmap(long address, long size) {}

    @Override
    public OptionalLong mapDoorbell(long doorbell) {
        return OptionalLong.of(doorbell);
    }
}
