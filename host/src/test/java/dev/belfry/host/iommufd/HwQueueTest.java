package dev.belfry.host.iommufd;

import static dev.belfry.host.HostFixture.GPU;
import static dev.belfry.host.HostFixture.RAM_BASE;
import static dev.belfry.host.HostFixture.devId;
import static dev.belfry.host.HostFixture.errno;
import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.host.HostFixture;
import dev.belfry.host.msi.GuestTables;
import dev.belfry.host.uapi.Errno;
import dev.belfry.host.uapi.Result;
import dev.belfry.host.vfio.VfioDevice;
import dev.belfry.kernel.iopgtable.Flush;
import dev.belfry.kernel.iopgtable.Protection;
import dev.belfry.model.address.Iova;
import dev.belfry.model.journey.Bytes;
import dev.belfry.model.memory.PhysicalMemory;
import org.junit.jupiter.api.Test;

/// A guest's own command queue on a Tegra241 CMDQ-V. Register offsets are those of Linux's driver
/// of it (page 0 of a VCMDQ: CONS 0, PROD 4, CONFIG 8, STATUS 0xc, GERROR 0x10, GERRORN 0x14).
class HwQueueTest {

    private static final int TEGRA241 = 2;
    private static final int VSID = 0x10;
    private static final long QUEUE = RAM_BASE + 0x40_0000;

    private final HostFixture f = new HostFixture();
    private final VfioDevice gpu = f.bind(GPU);
    private final int ioas = f.ioasWithRam();
    private final int parent = f.nestParent(gpu, ioas);
    private final AllocatedViommu viommu =
            f.iommufd
                    .viommuAlloc(0, TEGRA241, devId(gpu), parent, Bytes.of(new byte[16]))
                    .orThrow();

    private Result<Integer> queue(int index, long base, long length) {
        return f.iommufd.hwQueueAlloc(0, viommu.id(), 1, index, new Iova(base), length);
    }

    private RegisterMapping page() {
        AllocatedViommu.Page page = viommu.page().orElseThrow();
        return f.iommufd.mmap(page.offset(), page.length()).orThrow();
    }

    private static void set(RegisterMapping page, int offset, long value) {
        page.write(offset, 4, value, PhysicalMemory.CPU);
    }

    private void command(int slot, long w0, long w1) {
        GuestTables.GuestView guest = new GuestTables.GuestView(f);
        guest.write(QUEUE + 16L * slot, 8, w0);
        guest.write(QUEUE + 16L * slot + 8, 8, w1);
    }

    @Test
    void theMmapOffsetIsNeverZeroAndTheLengthIsAPageOf64KiB() {
        assertThat(viommu.page().orElseThrow())
                .isEqualTo(new AllocatedViommu.Page(0x1000, 0x1_0000));
        assertThat(errno(f.iommufd.mmap(0x2000, 0x1_0000))).isEqualTo(Errno.ENXIO);
        assertThat(errno(f.iommufd.mmap(0x1000, 0x8000))).isEqualTo(Errno.ENXIO);
        assertThat(errno(f.iommufd.mmap(0x1000, 0x1_0001))).isEqualTo(Errno.EINVAL);
    }

    @Test
    void aGuestsInvalidationReachesTheSmmuWithTheHostsVmid() {
        GuestTables guest = new GuestTables(f);
        f.iommufd.vdeviceAlloc(viommu.id(), devId(gpu), VSID).orThrow();
        int nested = f.nested(gpu, viommu.id(), guest.ste0(), GuestTables.STE_W1);
        gpu.attach(0, nested).orThrow();
        gpu.write(7, 4, 2, 6).orThrow();
        new GuestTables.GuestView(f).write(RAM_BASE + 0x200_0000, 8, 0x1111);
        new GuestTables.GuestView(f).write(RAM_BASE + 0x200_1000, 8, 0x2222);
        guest.map(0x5000, RAM_BASE + 0x200_0000, Protection.DMA);
        assertThat(dmaRead(0x5000)).isEqualTo(0x1111);
        guest.table.unmap(0x5000, 4096, Flush.NONE);
        guest.map(0x5000, RAM_BASE + 0x200_1000, Protection.DMA);
        assertThat(dmaRead(0x5000)).as("the TLB keeps what it has").isEqualTo(0x1111);

        queue(0, QUEUE, 4096).orThrow();
        RegisterMapping page = page();
        // TLBI_NH_ASID of ASID 3 with a VMID of the guest's invention; CMD_SYNC.
        command(0, 0x0003_0abc_0000_0011L, 0);
        command(1, 0x46, 0);
        set(page, 8, 1);
        assertThat(page.read(0xc, 4)).isEqualTo(1);
        set(page, 4, 2);
        assertThat(page.read(0, 4)).isEqualTo(2);
        assertThat(dmaRead(0x5000)).isEqualTo(0x2222);
    }

    @Test
    void whatStage2LosesIsGoneFromTheGuestsStage1Too() {
        GuestTables guest = new GuestTables(f);
        long page = 0x9_0000_0000L;
        f.iommufd.ioasMap(ioas, HostFixture.FIXED, f.ram, 4096, new Iova(page)).orThrow();
        f.iommufd.vdeviceAlloc(viommu.id(), devId(gpu), VSID).orThrow();
        int nested = f.nested(gpu, viommu.id(), guest.ste0(), GuestTables.STE_W1);
        gpu.attach(0, nested).orThrow();
        gpu.write(7, 4, 2, 6).orThrow();
        guest.map(0x5000, page, Protection.DMA);
        dmaRead(0x5000);
        f.iommufd.ioasUnmap(ioas, new Iova(page), 4096).orThrow();
        byte[] got = new byte[2];
        assertThat(f.machine.function(GPU).orElseThrow().dmaRead(0x5000, got))
                .as("TLBI_S2_IPA alone would leave what combines both stages")
                .isFalse();
    }

    private long dmaRead(long address) {
        byte[] got = new byte[2];
        assertThat(f.machine.function(GPU).orElseThrow().dmaRead(address, got)).isTrue();
        return Byte.toUnsignedLong(got[1]) << 8 | Byte.toUnsignedLong(got[0]);
    }

    @Test
    void whatAGuestMayNotIssueStopsItsQueueAndIsReportedToIt() {
        f.iommufd.vdeviceAlloc(viommu.id(), devId(gpu), VSID).orThrow();
        Veventq events = f.iommufd.veventqAlloc(0, viommu.id(), 2, 4).orThrow();
        queue(0, QUEUE, 4096).orThrow();
        queue(1, QUEUE + 4096, 4096).orThrow();
        RegisterMapping page = page();
        command(0x100, 0x46, 0);
        // CFGI_STE_RANGE, all: the kernel's, never a guest's.
        command(0x101, 0x04, 31);
        set(page, 0x88, 1);
        set(page, 0x84, 2);
        assertThat(page.read(0x80, 4)).as("CONS: CERROR_ILL at 1").isEqualTo(1 << 24 | 1);
        assertThat(page.read(0x90, 4)).as("GERROR").isEqualTo(1);
        assertThat(events.read(64, 0).orThrow())
                .containsExactly(new VeventRecord(0, 0, Bytes.ofWords(0b10, 0)));
        command(0x101, 0x46, 0);
        set(page, 0x94, 1);
        assertThat(page.read(0x80, 4)).as("CONS goes on").isEqualTo(1 << 24 | 2);
    }

    @Test
    void aStreamIdThatIsNotTheGuestsIsIllegal() {
        f.iommufd.vdeviceAlloc(viommu.id(), devId(gpu), VSID).orThrow();
        queue(0, QUEUE, 4096).orThrow();
        RegisterMapping page = page();
        command(0, 0x0000_0010_0000_0040L, 52);
        command(1, 0x0000_0011_0000_0040L, 52);
        set(page, 8, 1);
        set(page, 4, 2);
        assertThat(page.read(0, 4)).isEqualTo(1 << 24 | 1);
    }

    @Test
    void queuesComeInAscendingOrderAndGoInDescending() {
        assertThat(errno(queue(1, QUEUE, 4096))).isEqualTo(Errno.EIO);
        int first = queue(0, QUEUE, 4096).orThrow();
        assertThat(errno(queue(0, QUEUE, 4096))).isEqualTo(Errno.EEXIST);
        int second = queue(1, QUEUE + 4096, 4096).orThrow();
        assertThat(errno(queue(2, QUEUE, 4096))).as("a VINTF has two").isEqualTo(Errno.EINVAL);
        assertThat(errno(f.iommufd.destroy(first))).isEqualTo(Errno.EBUSY);
        assertThat(errno(f.iommufd.destroy(viommu.id()))).isEqualTo(Errno.EBUSY);
        f.iommufd.destroy(second).orThrow();
        f.iommufd.destroy(first).orThrow();
        f.iommufd.destroy(viommu.id()).orThrow();
    }

    @Test
    void memoryOfAQueueStaysMappedAsLongAsTheQueueLives() {
        int id = queue(0, QUEUE, 4096).orThrow();
        Iova start = new Iova(RAM_BASE);
        assertThat(errno(f.iommufd.ioasUnmap(ioas, start, HostFixture.RAM_SIZE)))
                .isEqualTo(Errno.EBUSY);
        assertThat(errno(f.iommufd.ioasUnmap(ioas, new Iova(0), -1L))).isEqualTo(Errno.EBUSY);
        f.iommufd.destroy(id).orThrow();
        f.iommufd.ioasUnmap(ioas, start, HostFixture.RAM_SIZE).orThrow();
    }

    @Test
    void aMappedPageHoldsItsViommu() {
        RegisterMapping page = page();
        assertThat(errno(f.iommufd.destroy(viommu.id()))).isEqualTo(Errno.EBUSY);
        page.unmap();
        f.iommufd.destroy(viommu.id()).orThrow();
        assertThat(errno(f.iommufd.mmap(0x1000, 0x1_0000))).isEqualTo(Errno.ENXIO);
    }

    @Test
    void aDisabledQueueOfADestroyedObjectIsGoneFromThePage() {
        int id = queue(0, QUEUE, 4096).orThrow();
        RegisterMapping page = page();
        set(page, 4, 7);
        assertThat(page.read(4, 4)).isEqualTo(7);
        f.iommufd.destroy(id).orThrow();
        assertThat(page.read(4, 4)).isZero();
        set(page, 4, 7);
        queue(0, QUEUE, 4096).orThrow();
        assertThat(page.read(4, 4)).as("the next user's begins at 0").isZero();
    }
}
