package dev.belfry.model.pci;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.model.journey.Probe;
import dev.belfry.model.memory.MmioDevice;
import dev.belfry.model.memory.PhysicalMemory;
import dev.belfry.model.memory.SparseRam;
import org.junit.jupiter.api.Test;

/// The steps of QEMU's iommu-smmuv3-test, and the results that its documentation lists.
class IommuTestdevTest {

    private static final long RAM = 0x4000_0000L;

    private final SparseRam ram = new SparseRam(RAM, 0x100_0000);
    private final PciSegment segment = new PciSegment(0, Probe.NONE);
    private final RootBus root = segment.addRootBus("pcie.0", 0);
    private final MmioDevice bar = build();

    private MmioDevice build() {
        root.add(
                1,
                0,
                EndpointCatalog.create("iommu-testdev", EndpointSettings.DEFAULT.withSystem(ram))
                        .orElseThrow());
        root.setDma(
                new DmaPort() {
                    @Override
                    public boolean read(int requester, long address, byte[] into) {
                        return false;
                    }

                    @Override
                    public boolean write(int requester, long address, byte[] from) {
                        return requester == 8
                                && ram.writeBytes(address - 0x1000, from, 0, from.length);
                    }
                });
        MmioDevice ecam = segment.ecam();
        ecam.write(0x8010, 4, 0x1000_0000, -1);
        ecam.write(0x8004, 2, 2, -1);
        return segment.memoryWindow(0x1000_0000, 0x1000);
    }

    private long run(long gva, long gpa, long length, int attributes) {
        bar.write(IommuTestdev.GVA_LO, 4, gva & 0xffff_ffffL, -1);
        bar.write(IommuTestdev.GVA_HI, 4, gva >>> 32, -1);
        bar.write(IommuTestdev.GPA_LO, 4, gpa & 0xffff_ffffL, -1);
        bar.write(IommuTestdev.GPA_HI, 4, gpa >>> 32, -1);
        bar.write(IommuTestdev.LEN, 4, length, -1);
        bar.write(IommuTestdev.ATTRS, 4, attributes, -1);
        bar.write(IommuTestdev.DBELL, 4, 1, -1);
        assertThat(bar.read(IommuTestdev.RESULT, 4)).isEqualTo(0xffff_fffeL);
        assertThat(bar.read(IommuTestdev.TRIGGERING, 4)).isZero();
        return bar.read(IommuTestdev.RESULT, 4);
    }

    @Test
    void eachResultIsTheDocumentedOne() {
        assertThat(bar.read(IommuTestdev.RESULT, 4)).isEqualTo(0xffff_ffffL);
        assertThat(run(RAM + 0x2567, RAM + 0x1567, 4, 0xa)).isZero();
        assertThat(ram.read(RAM + 0x1567, 4)).isEqualTo(0x12345678);
        assertThat(run(RAM + 0x2567, RAM + 0x1567, 0, 0)).isEqualTo(0xdead0001L);
        assertThat(run(0, RAM, 4, 0)).isEqualTo(0xdead0002L);
        assertThat(run(RAM + 0x2000, 0, 4, 0)).isEqualTo(0xdead0003L);
        assertThat(run(RAM + 0x2000, RAM + 0x8000, 4, 0)).isEqualTo(0xdead0004L);
        assertThat(run(RAM + 0x2000, RAM + 0x1000, 4, 0x8)).isEqualTo(0xdead0006L);
        assertThat(run(RAM + 0x2000, RAM + 0x1000, 4, 0x9)).isZero();
        bar.read(IommuTestdev.TRIGGERING, 4);
        assertThat(bar.read(IommuTestdev.RESULT, 4)).isEqualTo(0xdead0005L);
    }

    @Test
    void lengthsThatAreNoMultipleOfAPieceAreCopiedWhole() {
        assertThat(run(RAM + 0x1000, RAM, 0x2_0003, 0)).isZero();
        assertThat(ram.read(RAM + 0x2_0000, 4)).isEqualTo(0x345678);
        assertThat(run(RAM + 0x1000, RAM, 0xffff_ffffL, 0)).isEqualTo(0xdead0002L);
    }

    @Test
    void fourBytesAreARegisterEightAreTwoAndLessIsRefusedAsQemu1113Does() {
        assertThat(bar.accepts(4, 2)).isFalse();
        assertThat(bar.accepts(6, 8)).isFalse();
        assertThat(bar.accepts(0, 4)).isTrue();
        assertThat(bar.accepts(4, 8)).isTrue();
        bar.write(4, 8, 0x1122_3344_5566_7788L, PhysicalMemory.CPU);
        assertThat(bar.read(4, 4)).isEqualTo(0x5566_7788L);
        assertThat(bar.read(8, 4)).isEqualTo(0x1122_3344L);
        assertThat(bar.read(4, 8)).isEqualTo(0x1122_3344_5566_7788L);
    }
}
