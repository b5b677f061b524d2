package dev.belfry.kernel.smmu;

import dev.belfry.kernel.Machine;
import dev.belfry.kernel.iopgtable.Granule;
import dev.belfry.kernel.iopgtable.IoPageTable;
import dev.belfry.kernel.memory.PageAllocator;
import dev.belfry.model.smmu.spec.AddressSize;
import dev.belfry.model.smmu.spec.Cd;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/// Cd.A table of context descriptors (IHI 0070 5.4): one CD, a linear array, or two levels of 64
/// KiB leaves where there are more than 1024 substreams.
public final class CdTable {

    private static final int CD_BYTES = 64;
    private static final int LEAF_BITS = 10;
    private static final int FMT_LINEAR = 0;
    private static final int FMT_64K = 2;

    private static final int WRITE_BACK = 1;
    private static final int INNER_SHAREABLE = 3;

    /// Attributes 0 to 3: 0x44 non-cacheable, 0xff write-back, 0x04 Device-nGnRE, 0xf4 write-back
    /// outer only; the upper half is all ones because Linux 6.1 extends the fourth's sign.
    private static final long MAIR = 0xffff_ffff_f404_ff44L;

    private final Machine machine;
    private final PageAllocator pages;
    private final CommandQueue queue;
    private final EntryWriter writer;
    private final int ssidBits;
    private final long base;
    private final Set<Integer> streams = new LinkedHashSet<>();

    /// @param ssidBits substreams, 0..20: S1CDMax
    CdTable(Machine machine, PageAllocator pages, CommandQueue queue, int ssidBits) {
        this.machine = machine;
        this.pages = pages;
        this.queue = queue;
        this.ssidBits = ssidBits;
        this.writer = new EntryWriter(machine, UsedBits.CD);
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

    /// Writes the CD of `substreamId`.
    ///
    /// @param stall CD.S: the SMMU knows nothing but stalling
    void write(int substreamId, IoPageTable table, int asid, boolean stall) {
        long[] cd = new long[EntryWriter.WORDS];
        cd[0] = word0(table, asid) | (stall ? Cd.S.mask() : 0);
        cd[1] = Cd.TTB0.inPlace(table.root());
        cd[3] = MAIR;
        writer.replace(address(substreamId), cd, () -> synchronise(substreamId));
    }

    /// Makes the CD of `substreamId` invalid.
    void clear(int substreamId) {
        long[] none = new long[EntryWriter.WORDS];
        writer.replace(address(substreamId), none, () -> synchronise(substreamId));
    }

    private static long word0(IoPageTable table, int asid) {
        Granule granule = table.config().granule();
        return Cd.T0SZ.of(64 - table.config().inputBits())
                | Cd.TG0.of(granule.tg0())
                | Cd.IR0.of(WRITE_BACK)
                | Cd.OR0.of(WRITE_BACK)
                | Cd.SH0.of(INNER_SHAREABLE)
                | Cd.EPD1.mask()
                | Cd.V.mask()
                | Cd.IPS.of(AddressSize.code(table.config().outputBits()))
                | Cd.AA64.mask()
                | Cd.R.mask()
                | Cd.A.mask()
                | Cd.ASET.mask()
                | (table.config().dirty() ? Cd.HA.mask() | Cd.HD.mask() : 0)
                | Cd.ASID.of(asid);
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
