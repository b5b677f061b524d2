package dev.belfry.vmm.virt;

import dev.belfry.model.memory.PhysicalMemory;

/// Guest RAM: the VMM's own memory, seen at guest-physical addresses.
///
/// @param base first guest-physical address
/// @param size bytes
/// @param process the VMM's memory, by its virtual addresses
/// @param start virtual address of the first byte
record GuestRam(long base, long size, PhysicalMemory process, long start)
        implements PhysicalMemory {

    @Override
    public boolean accepts(long address, long length) {
        long offset = address - base;
        return Long.compareUnsigned(offset, size) < 0 && length > 0 && length <= size - offset;
    }

    @Override
    public long read(long address, int width) {
        return accepts(address, width) ? process.read(address - base + start, width) : 0;
    }

    @Override
    public boolean write(long address, int width, long value, int requester) {
        return accepts(address, width)
                && process.write(address - base + start, width, value, requester);
    }

    @Override
    public boolean compareAndSet(long address, long expected, long update) {
        return accepts(address, 8)
                && process.compareAndSet(address - base + start, expected, update);
    }

    @Override
    public boolean readBytes(long address, byte[] into, int offset, int length) {
        return length == 0
                || (accepts(address, length)
                        && process.readBytes(address - base + start, into, offset, length));
    }

    @Override
    public boolean writeBytes(long address, byte[] from, int offset, int length) {
        return length == 0
                || (accepts(address, length)
                        && process.writeBytes(address - base + start, from, offset, length));
    }
}
