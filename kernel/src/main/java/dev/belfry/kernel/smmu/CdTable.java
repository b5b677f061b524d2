package dev.belfry.kernel.smmu;

import static dev.belfry.model.bits.Field.bit;
import static dev.belfry.model.bits.Field.bits;

import dev.belfry.kernel.Machine;
import dev.belfry.kernel.iopgtable.Granule;
import dev.belfry.kernel.iopgtable.IoPageTable;
import dev.belfry.kernel.memory.PageAllocator;
import dev.belfry.model.bits.Field;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/// A table of context descriptors (IHI 0070 5.4): one CD, a linear array, or two levels of 64 KiB
/// leaves where there are more than 1024 substreams.
public final class CdTable {

    private static final int CD_BYTES = 64;
    private static final int LEAF_BITS = 10;
    private static final int FMT_LINEAR = 0;
    private static final int FMT_64K = 2;

    private static final Field T0SZ = bits(5, 0);
    private static final Field TG0 = bits(7, 6);
    private static final Field IR0 = bits(9, 8);
    private static final Field OR0 = bits(11, 10);
    private static final Field SH0 = bits(13, 12);
    private static final Field EPD1 = bit(30);
    private static final Field V = bit(31);
    private static final Field IPS = bits(34, 32);
    private static final Field AA64 = bit(41);
    private static final Field S = bit(44);
    private static final Field R = bit(45);
    private static final Field A = bit(46);
    private static final Field ASET = bit(47);
    private static final Field ASID = bits(63, 48);
    private static final Field TTB0 = bits(51, 4);

    private static final int WRITE_BACK = 1;
    private static final int INNER_SHAREABLE = 3;

    /// Attributes 0 to 3: 0x44 non-cacheable, 0xff write-back, 0x04 Device-nGnRE, 0xf4 write-back
    /// outer only; the upper half is all ones because Linux 6.1 extends the fourth's sign.
    private static final long MAIR = 0xffff_ffff_f404_ff44L;

    private final Machine machine;
    private final PageAllocator pages;
    private final CommandQueue queue;
    private final int ssidBits;
    private final long base;
    private final Set<Integer> streams = new LinkedHashSet<>();

    /// @param ssidBits substreams, 0..20: S1CDMax
    CdTable(Machine machine, PageAllocator pages, CommandQueue queue, int ssidBits) {
        this.machine = machine;
        this.pages = pages;
        this.queue = queue;
        this.ssidBits = ssidBits;
        long bytes = isTwoLevel() ? 8L << (ssidBits - LEAF_BITS) : (long) CD_BYTES << ssidBits;
        this.base = pages.allocate(bytes);
    }

    private boolean isTwoLevel() {
        return ssidBits > LEAF_BITS;
    }

    /// STE.S1ContextPtr.
    public long base() {
        return base;
    }

    /// STE.S1CDMax.
    public int ssidBits() {
        return ssidBits;
    }

    /// STE.S1Fmt.
    public int s1Fmt() {
        return isTwoLevel() ? FMT_64K : FMT_LINEAR;
    }

    /// Streams whose STE points here hear of changes.
    void attached(int streamId) {
        streams.add(streamId);
    }

    void detached(int streamId) {
        streams.remove(streamId);
    }

    /// Writes the CD of `substreamId`: the words that V = 0 hides first, then word 0.
    ///
    /// @param stall CD.S: the SMMU knows nothing but stalling
    void write(int substreamId, IoPageTable table, int asid, boolean stall) {
        long at = address(substreamId);
        machine.write(at + 8, 8, TTB0.inPlace(table.root()));
        machine.write(at + 16, 8, 0);
        machine.write(at + 24, 8, MAIR);
        synchronise(substreamId);
        machine.write(at, 8, word0(table, asid) | (stall ? S.mask() : 0));
        synchronise(substreamId);
    }

    /// Makes the CD of `substreamId` invalid.
    void clear(int substreamId) {
        machine.write(address(substreamId), 8, 0);
        synchronise(substreamId);
    }

    private static long word0(IoPageTable table, int asid) {
        Granule granule = table.config().granule();
        return T0SZ.of(64 - table.config().inputBits())
                | TG0.of(granule.tg0())
                | IR0.of(WRITE_BACK)
                | OR0.of(WRITE_BACK)
                | SH0.of(INNER_SHAREABLE)
                | EPD1.mask()
                | V.mask()
                | IPS.of(SmmuFeatures.encodeOutputSize(table.config().outputBits()))
                | AA64.mask()
                | R.mask()
                | A.mask()
                | ASET.mask()
                | ASID.of(asid);
    }

    private long address(int substreamId) {
        if (!isTwoLevel()) {
            return base + (long) substreamId * CD_BYTES;
        }
        long slot = base + 8L * (substreamId >>> LEAF_BITS);
        long descriptor = machine.read(slot, 8);
        if ((descriptor & 1) == 0) {
            descriptor = pages.allocate((long) CD_BYTES << LEAF_BITS) | 1;
            machine.write(slot, 8, descriptor);
            queue.issueSync(commands(substreamId, false));
        }
        long leaf = descriptor & ~0xfffL;
        return leaf + (long) (substreamId & ((1 << LEAF_BITS) - 1)) * CD_BYTES;
    }

    private void synchronise(int substreamId) {
        queue.issueSync(commands(substreamId, true));
    }

    private List<Command> commands(int substreamId, boolean leaf) {
        return streams.stream().map(sid -> Command.cfgiCd(sid, substreamId, leaf)).toList();
    }
}
