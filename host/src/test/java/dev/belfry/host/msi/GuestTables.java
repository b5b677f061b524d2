package dev.belfry.host.msi;

import dev.belfry.host.HostFixture;
import dev.belfry.kernel.Machine;
import dev.belfry.kernel.iopgtable.Granule;
import dev.belfry.kernel.iopgtable.IoPageTable;
import dev.belfry.kernel.iopgtable.Protection;
import dev.belfry.kernel.memory.PageAllocator;

/// A guest's stage 1, written into its memory by hand: a CD and tables. The words of the CD and the
/// STE are those of a captured guest (Linux 6.1; captures, translated): T0SZ 16, 4 KiB, IPS 44
/// bits, ASID 3.
public final class GuestTables {

    public static final long CD_W0 = 0x0003_e204_c000_3510L;
    public static final long MAIR = 0xffff_ffff_f404_ff44L;
    public static final long STE_W1 = 0xd6;

    private final GuestView guest;
    private final PageAllocator pages;
    public final IoPageTable table;
    public final long cd;

    public GuestTables(HostFixture f) {
        this.guest = new GuestView(f);
        this.pages = new PageAllocator(guest, HostFixture.RAM_BASE, HostFixture.RAM_SIZE / 2, 1);
        this.table =
                new IoPageTable(
                        guest,
                        pages,
                        new IoPageTable.Config(IoPageTable.Stage.S1, Granule.G4K, 48, 44, false));
        this.cd = pages.allocate(4096);
        long[] words = {CD_W0, table.root(), 0, MAIR, 0, 0, 0, 0};
        for (int i = 0; i < words.length; i++) {
            guest.write(cd + 8L * i, 8, words[i]);
        }
    }

    public void map(long iova, long gpa, Protection protection) {
        table.map(iova, gpa, 4096, protection);
    }

    /// Word 0 of the guest's STE: V, Config 5, the CD.
    public long ste0() {
        return cd | 0xb;
    }

    /// The guest's CPUs, as far as they write memory.
    public record GuestView(HostFixture f) implements Machine {
        private long va(long gpa) {
            return f.ram.value() + gpa - HostFixture.RAM_BASE;
        }

        @Override
        public long read(long address, int width) {
            return f.process.view().read(va(address), width);
        }

        @Override
        public void write(long address, int width, long value) {
            f.process.view().write(va(address), width, value);
        }

        @Override
        public byte[] readBytes(long address, int length) {
            byte[] out = new byte[length];
            f.process.view().readBytes(va(address), out, 0, length);
            return out;
        }

        @Override
        public void writeBytes(long address, byte[] bytes) {
            f.process.view().writeBytes(va(address), bytes, 0, bytes.length);
        }

        @Override
        public long ramBase() {
            return HostFixture.RAM_BASE;
        }

        @Override
        public long ramSize() {
            return HostFixture.RAM_SIZE;
        }

        @Override
        public int cpus() {
            return 1;
        }

        @Override
        public int acknowledge(int cpu) {
            return 1023;
        }

        @Override
        public void endOfInterrupt(int cpu, int intid) {}
    }
}
