package dev.belfry.model.memory;

import dev.belfry.model.bits.Hex;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One physical address space: named regions of RAM and MMIO that do not overlap. What no region
/// covers is not answered.
public final class AddressMap implements PhysicalMemory {

    /// A region of the map.
    ///
    /// @param name what it is, as traces and `belfry run` name it
    /// @param base physical address of its first byte
    /// @param size bytes
    /// @param mmio whether accesses have side effects
    public record Region(String name, long base, long size, boolean mmio) {
        boolean overlaps(Region other) {
            return Long.compareUnsigned(base, other.base + other.size - 1) <= 0
                    && Long.compareUnsigned(other.base, base + size - 1) <= 0;
        }
    }

    /// A region and what answers there.
    ///
    /// @param ram the target again when it is RAM: by far the most accesses go there, and a call of
    ///   a final class costs less than one through the interface
    private record Slot(
            Region region, long base, long size, PhysicalMemory target, @Nullable SparseRam ram) {

        static final Slot NONE = of(new Region("nothing", 0, 0, false), Nothing.INSTANCE);

        static Slot of(Region region, PhysicalMemory target) {
            SparseRam ram = target instanceof SparseRam r ? r : null;
            return new Slot(region, region.base, region.size, target, ram);
        }

        boolean holds(long address) {
            return Long.compareUnsigned(address - base, size) < 0;
        }
    }

    private final List<Slot> slots = new ArrayList<>();
    private Slot[] sorted = {};

    // Where the last accesses went: a device that polls or sends MSIs alternates between both.
    private Slot lastMemory = Slot.NONE;
    private Slot lastDevice = Slot.NONE;

    /// Adds RAM, or any memory that answers at its own addresses, under `[base, base + size)`.
    ///
    /// @throws IllegalArgumentException when the region overlaps another: a bug of whoever builds
    ///   the map
    public void addMemory(String name, long base, long size, PhysicalMemory memory) {
        add(Slot.of(new Region(name, base, size, false), memory));
    }

    /// Adds a device's register frame at `base`.
    ///
    /// @throws IllegalArgumentException when the frame overlaps another region
    public void addDevice(String name, long base, MmioDevice device) {
        add(Slot.of(new Region(name, base, device.size(), true), new Frame(base, device)));
    }

    /// All regions, by address.
    public List<Region> regions() {
        List<Region> out = new ArrayList<>();
        for (Slot s : sorted) {
            out.add(s.region);
        }
        return Collections.unmodifiableList(out);
    }

    private void add(Slot slot) {
        for (Slot s : slots) {
            if (s.region.overlaps(slot.region)) {
                throw new IllegalArgumentException(
                        slot.region.name
                                + " at "
                                + Hex.of(slot.region.base)
                                + " overlaps "
                                + s.region.name);
            }
        }
        slots.add(slot);
        slots.sort(Comparator.comparing(s -> s.region.base, Long::compareUnsigned));
        sorted = slots.toArray(Slot[]::new);
    }

    private Slot slot(long address) {
        Slot memory = lastMemory;
        if (memory.holds(address)) {
            return memory;
        }
        Slot device = lastDevice;
        return device.holds(address) ? device : search(address);
    }

    private Slot search(long address) {
        Slot[] s = sorted;
        int low = 0;
        int high = s.length - 1;
        while (low <= high) {
            int mid = (low + high) >>> 1;
            Slot there = s[mid];
            if (there.holds(address)) {
                if (there.region.mmio) {
                    lastDevice = there;
                } else {
                    lastMemory = there;
                }
                return there;
            }
            if (Long.compareUnsigned(address, there.base) < 0) {
                high = mid - 1;
            } else {
                low = mid + 1;
            }
        }
        return Slot.NONE;
    }

    private PhysicalMemory at(long address) {
        return slot(address).target;
    }

    @Override
    public boolean accepts(long address, long length) {
        return at(address).accepts(address, length);
    }

    @Override
    public long read(long address, int width) {
        Slot slot = slot(address);
        SparseRam ram = slot.ram;
        return ram != null ? ram.read(address, width) : slot.target.read(address, width);
    }

    @Override
    public boolean write(long address, int width, long value, int requester) {
        Slot slot = slot(address);
        SparseRam ram = slot.ram;
        return ram != null
                ? ram.write(address, width, value, requester)
                : slot.target.write(address, width, value, requester);
    }

    @Override
    public boolean compareAndSet(long address, long expected, long update) {
        return at(address).compareAndSet(address, expected, update);
    }

    @Override
    public boolean readBytes(long address, byte[] into, int offset, int length) {
        PhysicalMemory target = at(address);
        return target.accepts(address, length)
                ? target.readBytes(address, into, offset, length)
                : PhysicalMemory.super.readBytes(address, into, offset, length);
    }

    @Override
    public boolean writeBytes(long address, byte[] from, int offset, int length) {
        PhysicalMemory target = at(address);
        return target.accepts(address, length)
                ? target.writeBytes(address, from, offset, length)
                : PhysicalMemory.super.writeBytes(address, from, offset, length);
    }

    /// A device's frame as memory at absolute addresses.
    private record Frame(long base, MmioDevice device) implements PhysicalMemory {
        @Override
        public boolean accepts(long address, long length) {
            long offset = address - base;
            return Long.compareUnsigned(offset, device.size()) < 0
                    && length <= device.size() - offset
                    && length <= 8
                    && device.accepts(offset, (int) length);
        }

        @Override
        public long read(long address, int width) {
            return accepts(address, width) ? device.read(address - base, width) : 0;
        }

        @Override
        public boolean write(long address, int width, long value, int requester) {
            if (!accepts(address, width)) {
                return false;
            }
            device.write(address - base, width, value, requester);
            return true;
        }
    }

    private enum Nothing implements PhysicalMemory {
        INSTANCE;

        @Override
        public boolean accepts(long address, long length) {
            return false;
        }

        @Override
        public long read(long address, int width) {
            return 0;
        }

        @Override
        public boolean write(long address, int width, long value, int requester) {
            return false;
        }
    }
}
