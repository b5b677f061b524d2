package dev.belfry.vmm.vfio;

import dev.belfry.model.memory.MmioDevice;

/// A part of a mapped BAR, which the guest reaches directly.
///
/// @param bar the whole of it
/// @param start offset of the first byte
/// @param size bytes
record BarSlice(MmioDevice bar, long start, long size) implements MmioDevice {

    @Override
    public boolean accepts(long offset, int width) {
        return bar.accepts(start + offset, width);
    }

    @Override
    public long read(long offset, int width) {
        return bar.read(start + offset, width);
    }

    @Override
    public void write(long offset, int width, long value, int requester) {
        bar.write(start + offset, width, value, requester);
    }
}
