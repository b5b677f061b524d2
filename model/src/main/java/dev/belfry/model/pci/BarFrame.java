package dev.belfry.model.pci;

import dev.belfry.model.memory.MmioDevice;
import dev.belfry.model.pci.spec.Bar;
import java.util.ArrayList;
import java.util.List;

/// What is behind a BAR: register frames at offsets; what none of them covers reads as 0 and
/// ignores writes. A BAR costs nothing for its size.
public final class BarFrame implements MmioDevice {

    private record Part(long offset, long size, MmioDevice device) {}

    private final int index;
    private final Bar.Kind kind;
    private final boolean prefetchable;
    private final long size;
    private final List<Part> places = new ArrayList<>();
    private Part[] parts = {};

    BarFrame(int index, Bar.Kind kind, boolean prefetchable, long size) {
        long smallest = kind == Bar.Kind.IO ? 4 : 16;
        long largest = kind == Bar.Kind.MEMORY_64 ? 1L << 62 : 1L << 31;
        if (Long.bitCount(size) != 1 || size < smallest || size > largest) {
            throw new IllegalArgumentException("no " + kind + " BAR of " + size + " bytes");
        }
        this.index = index;
        this.kind = kind;
        this.prefetchable = prefetchable;
        this.size = size;
    }

    /// Puts `device` at `offset`.
    ///
    /// @throws IllegalArgumentException when it does not fit or overlaps another
    public BarFrame place(long offset, MmioDevice device) {
        if (offset < 0 || device.size() > size - offset) {
            throw new IllegalArgumentException("does not fit into BAR" + index);
        }
        for (Part p : places) {
            if (offset < p.offset + p.size && p.offset < offset + device.size()) {
                throw new IllegalArgumentException("overlaps in BAR" + index);
            }
        }
        places.add(new Part(offset, device.size(), device));
        parts = places.toArray(Part[]::new);
        return this;
    }

    /// Which BAR, 0..5.
    public int index() {
        return index;
    }

    public Bar.Kind kind() {
        return kind;
    }

    public boolean prefetchable() {
        return prefetchable;
    }

    @Override
    public long size() {
        return size;
    }

    @Override
    public boolean accepts(long offset, int width) {
        for (Part p : parts) {
            if (offset >= p.offset && offset - p.offset < p.size) {
                return width <= p.size - (offset - p.offset)
                        && p.device.accepts(offset - p.offset, width);
            }
        }
        return MmioDevice.super.accepts(offset, width);
    }

    @Override
    public long read(long offset, int width) {
        for (Part p : parts) {
            if (offset >= p.offset && offset - p.offset < p.size) {
                return accepts(offset, width) ? p.device.read(offset - p.offset, width) : 0;
            }
        }
        return 0;
    }

    @Override
    public void write(long offset, int width, long value, int requester) {
        for (Part p : parts) {
            if (offset >= p.offset && offset - p.offset < p.size) {
                if (accepts(offset, width)) {
                    p.device.write(offset - p.offset, width, value, requester);
                }
                return;
            }
        }
    }
}
