package dev.belfry.host.iommufd;

import static dev.belfry.host.HostFixture.GPU;
import static dev.belfry.host.HostFixture.NIC;
import static dev.belfry.host.HostFixture.RAM_BASE;
import static dev.belfry.host.HostFixture.devId;
import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.host.HostFixture;
import dev.belfry.host.msi.GuestTables;
import dev.belfry.host.vfio.VfioDevice;
import dev.belfry.kernel.iopgtable.Flush;
import dev.belfry.kernel.iopgtable.Protection;
import dev.belfry.model.address.Iova;
import dev.belfry.model.journey.Bytes;
import dev.belfry.model.memory.PhysicalMemory;
import dev.belfry.model.pci.spec.Bdf;
import org.junit.jupiter.api.Test;

/// Two guests behind one physical SMMU, each with a nesting parent and queues of its own. Both use
/// ASID 3, both call their device by the same StreamID.
class TwoGuestsQueuesTest {

    private static final int VSID = 0x10;
    private static final long IOVA = 0x5000;
    private static final long OLD = RAM_BASE + 0x200_0000;
    private static final long NEW = RAM_BASE + 0x200_1000;

    private final HostFixture f = new HostFixture();
    private final GuestTables.GuestView cpu = new GuestTables.GuestView(f);
    private final GuestTables tables = new GuestTables(f);
    private final Guest first = new Guest(GPU, RAM_BASE + 0x40_0000);
    private final Guest second = new Guest(NIC, RAM_BASE + 0x50_0000);

    /// A guest's device, translated by the tables, and its queue.
    private final class Guest {
        final Bdf bdf;
        final long queue;
        final RegisterMapping page;
        int prod;

        Guest(Bdf bdf, long queue) {
            this.bdf = bdf;
            this.queue = queue;
            VfioDevice device = f.bind(bdf);
            int parent = f.nestParent(device, f.ioasWithRam());
            AllocatedViommu viommu =
                    f.iommufd
                            .viommuAlloc(0, 2, devId(device), parent, Bytes.of(new byte[16]))
                            .orThrow();
            f.iommufd.vdeviceAlloc(viommu.id(), devId(device), VSID).orThrow();
            device.attach(0, f.nested(device, viommu.id(), tables.ste0(), GuestTables.STE_W1))
                    .orThrow();
            device.write(7, 4, 2, 6).orThrow();
            f.iommufd.hwQueueAlloc(0, viommu.id(), 1, 0, new Iova(queue), 4096).orThrow();
            page = f.iommufd.mmap(viommu.page().orElseThrow().offset(), 0x1_0000).orThrow();
            page.write(8, 4, 1, PhysicalMemory.CPU);
        }

        void issue(long w0, long w1) {
            cpu.write(queue + 16L * prod, 8, w0);
            cpu.write(queue + 16L * prod + 8, 8, w1);
            page.write(4, 4, ++prod, PhysicalMemory.CPU);
            assertThat(page.read(0, 4)).as("CONS").isEqualTo(prod);
        }

        int read() {
            byte[] got = new byte[2];
            assertThat(f.machine.function(bdf).orElseThrow().dmaRead(IOVA, got)).isTrue();
            return Byte.toUnsignedInt(got[1]) << 8 | Byte.toUnsignedInt(got[0]);
        }
    }

    /// Both devices have the old translation in the TLB; memory says something else.
    private void bothAreStale() {
        cpu.write(OLD, 8, 0x1111);
        cpu.write(NEW, 8, 0x2222);
        tables.map(IOVA, OLD, Protection.DMA);
        assertThat(first.read()).isEqualTo(0x1111);
        assertThat(second.read()).isEqualTo(0x1111);
        tables.table.unmap(IOVA, 4096, Flush.NONE);
        tables.map(IOVA, NEW, Protection.DMA);
        assertThat(first.read()).isEqualTo(0x1111);
        assertThat(second.read()).isEqualTo(0x1111);
    }

    @Test
    void invalidatingAnAddressSpaceLeavesThatOfTheOtherGuestAlone() {
        bothAreStale();
        // TLBI_NH_ASID, ASID 3, with every VMID that the other guest could have.
        for (long vmid = 0; vmid < 8; vmid++) {
            first.issue(0x0003_0000_0000_0011L | vmid << 32, 0);
        }
        first.issue(0x46, 0);
        assertThat(first.read()).isEqualTo(0x2222);
        assertThat(second.read()).as("the other's translation is still stale").isEqualTo(0x1111);
        second.issue(0x0003_0000_0000_0011L, 0);
        assertThat(second.read()).isEqualTo(0x2222);
    }

    @Test
    void invalidatingAnAddressDoesSoToo() {
        bothAreStale();
        // TLBI_NH_VA, ASID 3, leaf.
        first.issue(0x0003_0000_0000_0012L, IOVA | 1);
        assertThat(first.read()).isEqualTo(0x2222);
        assertThat(second.read()).isEqualTo(0x1111);
    }

    @Test
    void theHardwareCountsCommandsByInterface() {
        first.issue(0x46, 0);
        first.issue(0x46, 0);
        second.issue(0x46, 0);
        assertThat(commands("CMDQ-V of smmu0", 1)).isEqualTo(2);
        assertThat(commands("CMDQ-V of smmu0", 2)).isEqualTo(1);
    }

    private long commands(String region, int vintf) {
        long base =
                f.machine.memory().regions().stream()
                        .filter(r -> r.name().equals(region))
                        .findFirst()
                        .orElseThrow()
                        .base();
        return f.machine
                .queuedCommands(
                        "smmu0",
                        new dev.belfry.model.address.Hpa(base + 0x30000 + 0x20000L * vintf))
                .orElseThrow();
    }
}
