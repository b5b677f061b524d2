package dev.belfry.kernel.pci;

import dev.belfry.model.pci.spec.Bar;

/// A BAR that a function has, and where it is.
public final class BarResource {

    private final int index;
    private final Bar.Kind kind;
    private final boolean prefetchable;
    private final long size;
    private long pciAddress;
    private long cpuAddress;
    private boolean placed;

    BarResource(int index, Bar.Kind kind, boolean prefetchable, long size, long pciAddress) {
        this.index = index;
        this.kind = kind;
        this.prefetchable = prefetchable;
        this.size = size;
        this.pciAddress = pciAddress;
    }

    /// 0..5; the lower of the two of a 64-bit BAR.
    public int index() {
        return index;
    }

    /// Address space and width.
    public Bar.Kind kind() {
        return kind;
    }

    /// Whether reads have no side effects.
    public boolean prefetchable() {
        return prefetchable;
    }

    /// In bytes, a power of two.
    public long size() {
        return size;
    }

    /// What the register holds, without its low bits.
    public long pciAddress() {
        return pciAddress;
    }

    /// Where a CPU finds it; only when [#placed].
    public long cpuAddress() {
        return cpuAddress;
    }

    /// Whether it has an address within the bridge's windows.
    public boolean placed() {
        return placed;
    }

    void place(long pci, long cpu) {
        pciAddress = pci;
        cpuAddress = cpu;
        placed = true;
    }

    void unplace() {
        pciAddress = 0;
        placed = false;
    }
}
