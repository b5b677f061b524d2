package dev.belfry.host.kvm;

import dev.belfry.model.memory.PhysicalMemory;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Guest-physical memory as the slots map it onto the VMM's memory: what KVM's own devices, and the
/// guest's CPUs, see.
final class GuestMemory implements PhysicalMemory {

    private final PhysicalMemory user;
    private final TreeMap<Long, MemorySlot> slots = new TreeMap<>(Long::compareUnsigned);
    private @Nullable MemorySlot last;

    /// @param user the VMM's memory by virtual address
    GuestMemory(PhysicalMemory user) {
        this.user = user;
    }

    List<MemorySlot> slots() {
        return new ArrayList<>(slots.values());
    }

    void put(MemorySlot slot) {
        slots.put(slot.gpa().value(), slot);
        last = null;
    }

    void remove(MemorySlot slot) {
        slots.remove(slot.gpa().value());
        last = null;
    }

    private @Nullable MemorySlot at(long address) {
        MemorySlot hit = last;
        if (hit != null && hit.contains(address)) {
            return hit;
        }
        Map.Entry<Long, MemorySlot> e = slots.floorEntry(address);
        if (e == null || !e.getValue().contains(address)) {
            return null;
        }
        last = e.getValue();
        return e.getValue();
    }

    private static boolean holds(@Nullable MemorySlot slot, long address, long length) {
        return slot != null && length > 0 && length <= slot.size() - (address - slot.gpa().value());
    }

    private static long va(MemorySlot slot, long address) {
        return slot.va().value() + (address - slot.gpa().value());
    }

    @Override
    public boolean accepts(long address, long length) {
        return holds(at(address), address, length);
    }

    @Override
    public long read(long address, int width) {
        MemorySlot s = at(address);
        return s != null && holds(s, address, width) ? user.read(va(s, address), width) : 0;
    }

    @Override
    public boolean write(long address, int width, long value, int requester) {
        MemorySlot s = at(address);
        return s != null
                && holds(s, address, width)
                && !s.readOnly()
                && user.write(va(s, address), width, value, requester);
    }

    @Override
    public boolean compareAndSet(long address, long expected, long update) {
        MemorySlot s = at(address);
        return s != null
                && holds(s, address, 8)
                && !s.readOnly()
                && user.compareAndSet(va(s, address), expected, update);
    }

    @Override
    public boolean readBytes(long address, byte[] into, int offset, int length) {
        MemorySlot s = at(address);
        return (s != null && holds(s, address, length))
                ? user.readBytes(va(s, address), into, offset, length)
                : PhysicalMemory.super.readBytes(address, into, offset, length);
    }

    @Override
    public boolean writeBytes(long address, byte[] from, int offset, int length) {
        MemorySlot s = at(address);
        return (s != null && holds(s, address, length) && !s.readOnly())
                ? user.writeBytes(va(s, address), from, offset, length)
                : PhysicalMemory.super.writeBytes(address, from, offset, length);
    }
}
