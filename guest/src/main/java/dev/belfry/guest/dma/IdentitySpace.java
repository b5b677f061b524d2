package dev.belfry.guest.dma;

import java.util.OptionalLong;

/// Addresses are physical. A buffer that the device cannot reach is not bounced but refused.
public final class IdentitySpace implements DmaSpace {

    @Override
    public OptionalLong map(long buffer, long size, Direction direction, long mask) {
        boolean reachable = Long.compareUnsigned(buffer + size - 1, mask) <= 0;
        return reachable ? OptionalLong.of(buffer) : OptionalLong.empty();
    }

    @Override
    public void unmap(long address, long size) {}

    @Override
    public OptionalLong mapDoorbell(long doorbell, long mask) {
        return OptionalLong.of(doorbell);
    }
}
