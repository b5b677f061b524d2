package dev.belfry.model.pci;

import dev.belfry.model.bits.Bits;
import dev.belfry.model.memory.MmioDevice;
import dev.belfry.model.pci.BusClaims.Claim;
import org.jspecify.annotations.Nullable;

/// Memory requests from the CPUs into a segment. Remembers the last BAR hit, as a driver stays with
/// one device for a while.
final class MemoryWindow implements MmioDevice {

    private final PciSegment segment;
    private final long base;
    private final long size;

    private @Nullable Claim last;
    private long lastBase;
    private long lastLimit;
    private long lastGeneration = -1;

    MemoryWindow(PciSegment segment, long base, long size) {
        this.segment = segment;
        this.base = base;
        this.size = size;
    }

    @Override
    public long size() {
        return size;
    }

    /// The BAR at `address`; null when nothing claims it.
    private @Nullable Claim find(long address) {
        Claim hit = last;
        if (hit != null
                && lastGeneration == segment.generation()
                && Long.compareUnsigned(address - lastBase, lastLimit - lastBase) <= 0) {
            return hit;
        }
        for (RootBus root : segment.rootBuses()) {
            Claim found = descend(root, address);
            if (found != null) {
                return found;
            }
        }
        return null;
    }

    private @Nullable Claim descend(PciBus from, long address) {
        PciBus bus = from;
        long low = 0;
        long high = -1;
        boolean single = true;
        while (true) {
            BusClaims claims = bus.claims();
            single &= !claims.overlaps();
            Claim claim = claims.find(address);
            if (claim == null) {
                return null;
            }
            low = Long.compareUnsigned(claim.base(), low) > 0 ? claim.base() : low;
            high = Long.compareUnsigned(claim.limit(), high) < 0 ? claim.limit() : high;
            PciBus below = claim.below();
            if (below == null) {
                if (single) {
                    remember(claim, low, high);
                }
                return claim;
            }
            bus = below;
        }
    }

    private void remember(Claim claim, long low, long high) {
        last = claim;
        lastBase = low;
        lastLimit = high;
        lastGeneration = segment.generation();
    }

    private static @Nullable BarFrame frame(@Nullable Claim claim, long address, int width) {
        // a request that runs over the end of its BAR is claimed by nobody as a whole
        if (claim == null || claim.limit() - address < width - 1) {
            return null;
        }
        return claim.bar();
    }

    @Override
    public boolean accepts(long offset, int width) {
        Claim claim = find(base + offset);
        BarFrame frame = frame(claim, base + offset, width);
        return (claim == null || frame == null)
                ? MmioDevice.super.accepts(offset, width)
                : frame.accepts(base + offset - claim.base(), width);
    }

    @Override
    public long read(long offset, int width) {
        Claim claim = find(base + offset);
        BarFrame frame = frame(claim, base + offset, width);
        return (claim == null || frame == null)
                ? Bits.lowMask(8 * width)
                : frame.read(base + offset - claim.base(), width);
    }

    @Override
    public void write(long offset, int width, long value, int requester) {
        Claim claim = find(base + offset);
        BarFrame frame = frame(claim, base + offset, width);
        if (claim != null && frame != null) {
            frame.write(base + offset - claim.base(), width, value, requester);
        }
    }
}
