package dev.belfry.model.smmu;

import dev.belfry.model.memory.PhysicalMemory;

/// Memory that is only looked at.
record ReadOnlyMemory(PhysicalMemory memory) implements PhysicalMemory {

    @Override
    public boolean accepts(long address, long length) {
        return memory.accepts(address, length);
    }

    @Override
    public long read(long address, int width) {
        return memory.read(address, width);
    }

    @Override
    public boolean write(long address, int width, long value, int requester) {
        return false;
    }
}
