package dev.belfry.host.vfio;

import static dev.belfry.host.HostFixture.GPU;
import static dev.belfry.host.HostFixture.RAM_BASE;
import static dev.belfry.host.HostFixture.RW;
import static dev.belfry.host.HostFixture.devId;
import static dev.belfry.host.HostFixture.errno;
import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.host.HostFixture;
import dev.belfry.host.iommufd.HwptAlloc;
import dev.belfry.host.uapi.Errno;
import dev.belfry.host.uapi.KernelVersion;
import dev.belfry.model.address.Iova;
import dev.belfry.model.smmu.Access;
import dev.belfry.model.smmu.Smmu;
import dev.belfry.model.smmu.Translation;
import org.junit.jupiter.api.Test;

/// PASIDs of a device with address spaces of their own.
class PasidTest {

    private static final int PASID = 1;

    private final HostFixture f = new HostFixture();
    private final VfioDevice gpu = f.bind(GPU);

    private int hwpt(int flags) {
        return f.iommufd.hwptAlloc(HwptAlloc.paging(flags, devId(gpu), f.ioasWithRam())).orThrow();
    }

    /// A HWPT for PASIDs in which page 0x7000 leads to `offset` in the process's memory.
    private int pasidHwpt(long offset) {
        int ioas = f.iommufd.ioasAlloc(0).orThrow();
        var va = new dev.belfry.host.memory.UserVa(f.ram.value() + offset);
        f.iommufd.ioasMap(ioas, RW | 1, va, 4096, new Iova(0x7000)).orThrow();
        return f.iommufd.hwptAlloc(HwptAlloc.paging(HwptAlloc.PASID, devId(gpu), ioas)).orThrow();
    }

    private Translation translate(int substream, long address) {
        Smmu smmu = f.machine.smmu("smmu0").orElseThrow();
        return smmu.translate(f.streamId(GPU), substream, address, Access.READ);
    }

    private long physical(long offset) {
        return f.process
                .physical(new dev.belfry.host.memory.UserVa(f.ram.value() + offset))
                .orElseThrow();
    }

    private static long output(Translation t) {
        assertThat(t).isInstanceOf(Translation.Mapped.class);
        return ((Translation.Mapped) t).pa();
    }

    @Test
    void eachPasidHasItsOwnAddressSpaceBesideTheDevices() {
        gpu.attach(0, hwpt(HwptAlloc.PASID)).orThrow();
        gpu.attach(PASID, pasidHwpt(0x5000), 3).orThrow();
        gpu.attach(PASID, pasidHwpt(0x9000), 4).orThrow();
        assertThat(output(translate(3, 0x7010))).isEqualTo(physical(0x5010));
        assertThat(output(translate(4, 0x7010))).isEqualTo(physical(0x9010));
        assertThat(output(translate(Smmu.NO_SUBSTREAM, RAM_BASE + 0x20))).isEqualTo(physical(0x20));
        assertThat(translate(Smmu.NO_SUBSTREAM, 0x7010)).isInstanceOf(Translation.Faulted.class);
        gpu.detach(PASID, 3).orThrow();
        assertThat(translate(3, 0x7010)).isInstanceOf(Translation.Faulted.class);
        assertThat(output(translate(4, 0x7010))).isEqualTo(physical(0x9010));
    }

    @Test
    void attachingAgainReplaces() {
        gpu.attach(0, hwpt(HwptAlloc.PASID)).orThrow();
        int first = pasidHwpt(0x5000);
        gpu.attach(PASID, first, 3).orThrow();
        assertThat(errno(f.iommufd.destroy(first))).isEqualTo(Errno.EBUSY);
        gpu.attach(PASID, pasidHwpt(0x9000), 3).orThrow();
        assertThat(output(translate(3, 0x7010))).isEqualTo(physical(0x9010));
        f.iommufd.destroy(first).orThrow();
    }

    @Test
    void withoutAnAddressSpaceOfTheDeviceOnlyPasidsPass() {
        gpu.attach(PASID, pasidHwpt(0x5000), 3).orThrow();
        assertThat(output(translate(3, 0x7010))).isEqualTo(physical(0x5010));
        assertThat(translate(Smmu.NO_SUBSTREAM, 0x7010)).isInstanceOf(Translation.Faulted.class);
        gpu.attach(0, hwpt(HwptAlloc.PASID)).orThrow();
        assertThat(output(translate(Smmu.NO_SUBSTREAM, RAM_BASE))).isEqualTo(physical(0));
    }

    @Test
    void onlyHwptsMadeForItGoWithPasids() {
        int plain = hwpt(0);
        gpu.attach(0, plain).orThrow();
        assertThat(errno(gpu.attach(PASID, pasidHwpt(0), 3))).isEqualTo(Errno.EINVAL);
        gpu.attach(0, hwpt(HwptAlloc.PASID)).orThrow();
        assertThat(errno(gpu.attach(PASID, plain, 3))).isEqualTo(Errno.EINVAL);
        gpu.attach(PASID, pasidHwpt(0), 3).orThrow();
        assertThat(errno(gpu.attach(0, plain))).isEqualTo(Errno.EINVAL);
        assertThat(errno(gpu.attach(PASID, pasidHwpt(0), 1 << 20))).isEqualTo(Errno.EINVAL);
        assertThat(errno(gpu.attach(PASID, 777, 5))).isEqualTo(Errno.ENOENT);
        assertThat(errno(gpu.attach(2, plain, 3))).isEqualTo(Errno.EINVAL);
    }

    /// VFIO keeps attachments with the flag apart, also that of PASID 0, which is the device's own.
    @Test
    void theFlagWithPasid0AttachesTheDeviceItself() {
        int ioas = f.ioasWithRam();
        int hwpt = gpu.attach(PASID, ioas, 0).orThrow();
        assertThat(output(translate(Smmu.NO_SUBSTREAM, RAM_BASE))).isEqualTo(physical(0));
        assertThat(errno(gpu.attach(0, ioas))).as("not replaced").isEqualTo(Errno.EBUSY);
        gpu.detach(0).orThrow();
        assertThat(output(translate(Smmu.NO_SUBSTREAM, RAM_BASE))).isEqualTo(physical(0));
        int other = hwpt(0);
        assertThat(gpu.attach(PASID, other, 0).orThrow()).as("replaced").isEqualTo(other);
        assertThat(errno(f.iommufd.destroy(hwpt))).as("made by attaching").isEqualTo(Errno.ENOENT);
        gpu.detach(PASID, 0).orThrow();
        assertThat(translate(Smmu.NO_SUBSTREAM, RAM_BASE)).isInstanceOf(Translation.Faulted.class);
        gpu.attach(0, ioas).orThrow();
        assertThat(errno(gpu.attach(PASID, ioas, 0))).isEqualTo(Errno.EBUSY);
    }

    @Test
    void aNestParentHasNoPasids() {
        int flags = HwptAlloc.NEST_PARENT | HwptAlloc.PASID;
        assertThat(errno(f.iommufd.hwptAlloc(HwptAlloc.paging(flags, devId(gpu), f.ioasWithRam()))))
                .isEqualTo(Errno.EOPNOTSUPP);
    }

    @Test
    void kernelsBefore615KnowNoSuchFlag() {
        HostFixture old = new HostFixture(HostFixture.standard().withKernel(KernelVersion.V6_14));
        VfioDevice device = old.bind(GPU);
        assertThat(errno(device.attach(PASID, 1, 3))).isEqualTo(Errno.EINVAL);
    }

    @Test
    void closingTheDeviceFreesWhatItsPasidsUsed() {
        int hwpt = pasidHwpt(0x5000);
        gpu.attach(PASID, hwpt, 3).orThrow();
        gpu.close();
        f.iommufd.destroy(hwpt).orThrow();
    }
}
