package dev.belfry.host;

import static dev.belfry.host.HostFixture.FIXED;
import static dev.belfry.host.HostFixture.GPU;
import static dev.belfry.host.HostFixture.RAM_BASE;
import static dev.belfry.host.HostFixture.RAM_SIZE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.host.description.HostDescription;
import dev.belfry.host.description.IdentityWish;
import dev.belfry.host.description.RequestedDevice;
import dev.belfry.host.iommufd.HwptAlloc;
import dev.belfry.host.iommufd.Iommufd;
import dev.belfry.host.uapi.Errno;
import dev.belfry.host.uapi.EventFd;
import dev.belfry.host.uapi.FaultInjection;
import dev.belfry.host.uapi.Ioctl;
import dev.belfry.host.uapi.IoctlFilter;
import dev.belfry.host.uapi.Result;
import dev.belfry.host.vfio.IrqSet;
import dev.belfry.host.vfio.VfioDevice;
import dev.belfry.model.address.Gpa;
import dev.belfry.model.address.Iova;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// A VMM sets a device up; one of its calls fails; it gives up and closes its files. Nothing stays
/// behind.
class FaultSweepTest {

    private static final int STE_BYPASS = 0x9;
    private static final int STE_STAGE1 = 0xb;

    private static Result<?> setUp(HostFixture f, VfioDevice device) {
        Iommufd fd = f.iommufd;
        return device.bindIommufd(0, fd)
                .then(dev ->
                        fd.ioasAlloc(0)
                                .then(ioas -> stage2(f, device, dev, ioas))
                                .then(parent -> fd.viommuAlloc(0, 1, dev, parent))
                                .then(viommu -> guest(fd, device, dev, viommu)));
    }

    private static Result<Integer> stage2(HostFixture f, VfioDevice device, int dev, int ioas) {
        return f.iommufd
                .ioasMap(ioas, FIXED, f.ram, RAM_SIZE, new Iova(RAM_BASE))
                .then(at -> f.iommufd.hwptAlloc(HwptAlloc.paging(HwptAlloc.NEST_PARENT, dev, ioas)))
                .then(parent -> device.attach(0, parent));
    }

    private static Result<?> guest(Iommufd fd, VfioDevice device, int dev, int viommu) {
        return fd.veventqAlloc(0, viommu, 1, 8)
                .then(q -> fd.hwptAlloc(HwptAlloc.nested(dev, viommu, STE_BYPASS, 0)))
                .then(bypass -> device.attach(0, bypass))
                .then(at -> fd.vdeviceAlloc(viommu, dev, 8))
                .then(v -> fd.hwptAlloc(HwptAlloc.nested(dev, viommu, STE_STAGE1, 0)))
                .then(stage1 -> device.attach(0, stage1))
                .then(at ->
                        device.setIrqs(
                                IrqSet.trigger(2, 0, List.of(Optional.of(new EventFd("0"))))));
    }

    @ParameterizedTest
    @EnumSource(
            mode = EnumSource.Mode.INCLUDE,
            names = {
                "IOMMU_IOAS_ALLOC",
                "IOMMU_IOAS_MAP",
                "IOMMU_HWPT_ALLOC",
                "IOMMU_VIOMMU_ALLOC",
                "IOMMU_VDEVICE_ALLOC",
                "IOMMU_VEVENTQ_ALLOC",
                "VFIO_DEVICE_BIND_IOMMUFD",
                "VFIO_DEVICE_ATTACH_IOMMUFD_PT",
                "VFIO_DEVICE_SET_IRQS"
            })
    void whateverFailsNothingStaysBehind(Ioctl call) {
        for (int nth = 1; nth <= 3; nth++) {
            FaultInjection faults =
                    new FaultInjection(
                            List.of(new FaultInjection.Failure(call, nth, Errno.ENOMEM)));
            HostFixture f = new HostFixture(HostFixture.standard(), faults);
            VfioDevice device = f.kernel.openVfio(GPU, faults).orElseThrow();
            Result<?> result = setUp(f, device);
            assertThat(result.isOk()).isEqualTo(faults.count(call) < nth);
            device.close();
            f.iommufd.close();
            assertThat(f.iommufd.inspect().objects()).isEmpty();
            assertThat(device.iommuDevice().group().owner()).isEmpty();
            assertThat(f.physicalSte("smmu0", f.streamId(GPU)).w3()).as("no stage 2").isZero();
            assertThat(device.vectors()).isEmpty();
            assertThat(new HostFixture.SecondProcess(f).bind(GPU).isOk()).isTrue();
        }
    }

    @Test
    void theSweepIsOfAVmmThatSucceedsWhenNothingFails() {
        HostFixture f = new HostFixture();
        assertThat(setUp(f, f.open(GPU)).isOk()).isTrue();
    }

    @Test
    void aGuestOf256GibCostsWhatIsTouched() {
        HostFixture f =
                new HostFixture(
                        HostDescription.inventFor(
                                List.of(new RequestedDevice(GPU, "a", IdentityWish.NONE)),
                                256L << 30));
        var process = f.kernel.newProcess();
        var fd = f.kernel.openIommu(process, IoctlFilter.NONE);
        VfioDevice gpu = f.open(GPU);
        gpu.bindIommufd(0, fd).orThrow();
        long size = 256L << 30;
        var va = process.mapForGuest(size, new Gpa(RAM_BASE)).orThrow();
        int ioas = fd.ioasAlloc(0).orThrow();
        fd.ioasMap(ioas, FIXED, va, size, new Iova(RAM_BASE)).orThrow();
        gpu.attach(0, ioas).orThrow();
        gpu.write(7, 4, 2, 6).orThrow();
        process.view().write(va.value() + size - 8, 8, 0x55);
        byte[] got = new byte[8];
        f.machine.function(GPU).orElseThrow().dmaRead(RAM_BASE + size - 8, got);
        assertThat(got[0]).isEqualTo((byte) 0x55);
        long used = f.machine.touchedBytes();
        assertThat(used).isLessThan(64L << 20);
    }
}
