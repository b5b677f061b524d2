package dev.belfry.kernel.smmu;

import dev.belfry.kernel.iopgtable.Granule;
import java.util.ArrayList;
import java.util.List;

/// Which commands invalidate a range of addresses: with IDR3.RIL, ranges of `(NUM + 1) << SCALE`
/// pages (IHI 0070 4.4.1.1), else one command a page or block.
final class TlbInvalidation {

    private static final int NUM_MAX = 31;

    private final boolean ranges;
    private final Command.Regime regime;
    private final int asid;
    private final int vmid;
    private final Granule granule;

    TlbInvalidation(boolean ranges, Command.Regime regime, int asid, int vmid, Granule granule) {
        this.ranges = ranges;
        this.regime = regime;
        this.asid = asid;
        this.vmid = vmid;
        this.granule = granule;
    }

    /// Everything of the address space.
    Command all() {
        return Command.tlbiAll(regime, asid, vmid);
    }

    /// `[address, address + size)`.
    ///
    /// @param leafBytes size of the pages or blocks that went; the granule when tables went
    /// @param leaf only leaves changed, no tables
    List<Command> range(long address, long size, long leafBytes, boolean leaf) {
        return ranges
                ? byRange(address, size, leafBytes, leaf)
                : byPage(address, size, leafBytes, leaf);
    }

    private List<Command> byPage(long address, long size, long step, boolean leaf) {
        List<Command> commands = new ArrayList<>();
        for (long at = address; at < address + size; at += step) {
            commands.add(Command.tlbiAddress(regime, asid, vmid, at, leaf, Command.Range.NONE));
        }
        return commands;
    }

    private List<Command> byRange(long address, long size, long leafBytes, boolean leaf) {
        int shift = granule.shift();
        int tg = (shift - 10) / 2;
        int log2Leaf = Long.numberOfTrailingZeros(leafBytes);
        int ttl = leaf ? 4 - (log2Leaf - 3) / granule.bitsPerLevel() : 0;
        long pages = size >>> shift;
        if (!leaf && (pages & NUM_MAX) == 1) {
            // SCALE = NUM = TTL = 0 with TG != 0 is reserved.
            pages++;
        }
        List<Command> commands = new ArrayList<>();
        long at = address;
        while (pages > 0) {
            int scale = Long.numberOfTrailingZeros(pages);
            long num = (pages >>> scale) & NUM_MAX;
            Command.Range range = new Command.Range((int) num - 1, scale, tg, ttl);
            commands.add(Command.tlbiAddress(regime, asid, vmid, at, leaf, range));
            pages -= num << scale;
            at += num << (scale + shift);
        }
        return commands;
    }
}
