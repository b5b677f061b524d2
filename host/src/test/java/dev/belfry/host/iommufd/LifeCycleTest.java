package dev.belfry.host.iommufd;

import static dev.belfry.host.HostFixture.GPU;
import static dev.belfry.host.HostFixture.NIC;
import static dev.belfry.host.HostFixture.OTHER;
import static dev.belfry.host.HostFixture.RAM_BASE;
import static dev.belfry.host.HostFixture.RAM_SIZE;
import static dev.belfry.host.HostFixture.devId;
import static dev.belfry.host.HostFixture.errno;
import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.host.HostFixture;
import dev.belfry.host.description.DeviceDescription;
import dev.belfry.host.description.HostDescription;
import dev.belfry.host.uapi.Errno;
import dev.belfry.host.uapi.FaultInjection;
import dev.belfry.host.uapi.Ioctl;
import dev.belfry.host.uapi.KernelVersion;
import dev.belfry.host.vfio.VfioDevice;
import dev.belfry.model.address.Iova;
import dev.belfry.model.smmu.spec.Ste;
import java.util.List;
import org.junit.jupiter.api.Test;

class LifeCycleTest {

    @Test
    void idsAreTheLowestFreeFromOne() {
        Iommufd fd = new HostFixture().iommufd;
        assertThat(fd.ioasAlloc(0).orThrow()).isEqualTo(1);
        assertThat(fd.ioasAlloc(0).orThrow()).isEqualTo(2);
        assertThat(fd.ioasAlloc(0).orThrow()).isEqualTo(3);
        fd.destroy(2).orThrow();
        assertThat(fd.ioasAlloc(0).orThrow()).isEqualTo(2);
    }

    @Test
    void objectsGoInTheDocumentedTeardownOrderOnly() {
        HostFixture f = new HostFixture();
        VfioDevice gpu = f.bind(GPU);
        int ioas = f.ioasWithRam();
        int parent = f.nestParent(gpu, ioas);
        int viommu = f.viommu(gpu, parent);
        int nested = f.nested(gpu, viommu, 0xb, 0);
        int vdevice = f.iommufd.vdeviceAlloc(viommu, devId(gpu), 8).orThrow();
        Veventq queue = f.iommufd.veventqAlloc(0, viommu, 1, 4).orThrow();
        gpu.attach(0, nested).orThrow();

        assertThat(errno(f.iommufd.destroy(nested))).isEqualTo(Errno.EBUSY);
        gpu.detach(0).orThrow();
        f.iommufd.destroy(nested).orThrow();
        assertThat(errno(f.iommufd.destroy(viommu))).isEqualTo(Errno.EBUSY);
        f.iommufd.destroy(vdevice).orThrow();
        assertThat(errno(f.iommufd.destroy(queue.objectId()))).isEqualTo(Errno.EBUSY);
        queue.close();
        f.iommufd.destroy(queue.objectId()).orThrow();
        assertThat(errno(f.iommufd.destroy(parent))).isEqualTo(Errno.EBUSY);
        f.iommufd.destroy(viommu).orThrow();
        assertThat(errno(f.iommufd.destroy(ioas))).isEqualTo(Errno.EBUSY);
        f.iommufd.destroy(parent).orThrow();
        f.iommufd.destroy(ioas).orThrow();
        assertThat(f.iommufd.inspect().objects()).extracting("kind").containsExactly("a device");
    }

    @Test
    void aVdeviceThatTheVmmForgotLeavesATombstone() {
        HostFixture f = new HostFixture();
        VfioDevice gpu = f.bind(GPU);
        int viommu = f.viommu(gpu);
        int vdevice = f.iommufd.vdeviceAlloc(viommu, devId(gpu), 8).orThrow();
        gpu.close();
        assertThat(errno(f.iommufd.destroy(vdevice))).isEqualTo(Errno.ENOENT);
        for (int i = 0; i < 8; i++) {
            assertThat(f.iommufd.ioasAlloc(0).orThrow()).isNotEqualTo(vdevice);
        }
        f.iommufd.destroy(viommu).orThrow();
    }

    @Test
    void closingTheFileDestroysAllAndWhatDevicesHoldGoesWithThem() {
        HostFixture f = new HostFixture();
        VfioDevice gpu = f.bind(GPU);
        int viommu = f.viommu(gpu);
        f.iommufd.veventqAlloc(0, viommu, 1, 4).orThrow();
        gpu.attach(0, f.nested(gpu, viommu, 1, 0)).orThrow();
        f.iommufd.close();
        assertThat(f.iommufd.inspect().objects()).isNotEmpty();
        gpu.close();
        assertThat(f.iommufd.inspect().objects()).isEmpty();
    }

    @Test
    void anAutomaticHwptGoesWithItsLastDevice() {
        HostFixture f = new HostFixture();
        int ioas = f.ioasWithRam();
        VfioDevice gpu = f.bind(GPU);
        VfioDevice nic = f.bind(NIC);
        int first = gpu.attach(0, ioas).orThrow();
        assertThat(nic.attach(0, ioas).orThrow()).isEqualTo(first);
        gpu.detach(0).orThrow();
        assertThat(f.iommufd.inspect().objects()).extracting("id").contains(first);
        nic.detach(0).orThrow();
        assertThat(f.iommufd.inspect().objects()).extracting("id").doesNotContain(first);
    }

    @Test
    void aDeviceBehindAnotherSmmuGetsAnAutomaticHwptOfItsOwn() {
        HostFixture f = new HostFixture();
        int ioas = f.ioasWithRam();
        int first = f.bind(GPU).attach(0, ioas).orThrow();
        assertThat(f.bind(OTHER).attach(0, ioas).orThrow()).isNotEqualTo(first);
    }

    @Test
    void aReplaceThatFailsLeavesTheOldAttachment() {
        HostFixture f = new HostFixture();
        VfioDevice gpu = f.bind(GPU);
        int viommu = f.viommu(gpu);
        int bypass = f.nested(gpu, viommu, 9, 0);
        gpu.attach(0, bypass).orThrow();
        Ste before = f.physicalSte("smmu0", f.streamId(GPU));
        int stage1 = f.nested(gpu, viommu, 0xb, 0);
        assertThat(errno(gpu.attach(0, stage1))).isEqualTo(Errno.ENOENT);
        assertThat(f.physicalSte("smmu0", f.streamId(GPU))).isEqualTo(before);
        assertThat(
                        f.iommufd
                                .inspect()
                                .attachment(gpu.boundDevice().orElseThrow())
                                .orElseThrow()
                                .hwptId())
                .isEqualTo(bypass);
        f.iommufd.destroy(stage1).orThrow();
    }

    /// The second device of the group has no vDEVICE, so that the first, which went over already,
    /// goes back.
    @Test
    void whenOneDeviceOfAGroupCannotGoOverTheOthersGoBack() {
        HostFixture one =
                new HostFixture(change(HostFixture.standard(), d -> with(d, group(d), true, true)));
        VfioDevice gpu = one.bind(GPU);
        VfioDevice nic = one.bind(NIC);
        int parent = one.nestParent(gpu, one.ioasWithRam());
        gpu.attach(0, parent).orThrow();
        nic.attach(0, parent).orThrow();
        var before = one.physicalSte("smmu0", one.streamId(GPU));
        int viommu = one.viommu(gpu, parent);
        one.iommufd.vdeviceAlloc(viommu, devId(gpu), 0x10).orThrow();
        assertThat(errno(gpu.attach(0, one.nested(gpu, viommu, 0xb, 0)))).isEqualTo(Errno.ENOENT);
        assertThat(one.physicalSte("smmu0", one.streamId(GPU))).isEqualTo(before);
        assertThat(one.physicalSte("smmu0", one.streamId(NIC)).w3()).isEqualTo(before.w3());
    }

    private static int group(DeviceDescription d) {
        return d.smmu().equals("smmu0") ? 1 : 2;
    }

    @Test
    void anAttachThatFailsReservesNothing() {
        HostFixture f = new HostFixture();
        VfioDevice gpu = f.bind(GPU);
        int ioas = f.ioasWithRam();
        int viommu = f.viommu(gpu, f.nestParent(gpu, ioas));
        assertThat(errno(gpu.attach(0, f.nested(gpu, viommu, 0xb, 0)))).isEqualTo(Errno.ENOENT);
        ErrnoCase.map(f, ioas, HostFixture.FIXED, 0, ErrnoCase.PAGE, 0x0800_0000L).orThrow();
    }

    @Test
    void beforeLinux619AbortAndBypassNeedAVdeviceToo() {
        HostFixture f = new HostFixture(HostFixture.standard().withKernel(KernelVersion.V6_17));
        VfioDevice gpu = f.bind(GPU);
        int viommu = f.viommu(gpu);
        assertThat(errno(gpu.attach(0, f.nested(gpu, viommu, 9, 0)))).isEqualTo(Errno.ENOENT);
    }

    @Test
    void veventqsCameWithLinux615() {
        HostFixture f = new HostFixture(HostFixture.standard().withKernel(KernelVersion.V6_13));
        int viommu = f.viommu(f.bind(GPU));
        assertThat(errno(f.iommufd.veventqAlloc(0, viommu, 1, 4))).isEqualTo(Errno.ENOTTY);
    }

    @Test
    void unmapAllOfAnEmptyIoasSucceeds() {
        HostFixture f = new HostFixture();
        int ioas = f.iommufd.ioasAlloc(0).orThrow();
        assertThat(f.iommufd.ioasUnmap(ioas, new Iova(0), -1L).orThrow()).isZero();
        int full = f.ioasWithRam();
        assertThat(f.iommufd.ioasUnmap(full, new Iova(0), -1L).orThrow()).isEqualTo(RAM_SIZE);
    }

    @Test
    void iovaRangesShrinkWithADeviceAndWidenAgain() {
        HostFixture f = new HostFixture();
        int ioas = f.ioasWithRam();
        assertThat(f.iommufd.ioasIovaRanges(ioas, 8).orThrow().ranges())
                .containsExactly(new IovaRange(0, -1L));
        VfioDevice gpu = f.bind(GPU);
        gpu.attach(0, ioas).orThrow();
        assertThat(f.iommufd.ioasIovaRanges(ioas, 8).orThrow().ranges())
                .containsExactly(
                        new IovaRange(0, 0x07ff_ffff), new IovaRange(0x0810_0000, (1L << 48) - 1));
        IovaRanges one = f.iommufd.ioasIovaRanges(ioas, 1).orThrow();
        assertThat(one.errno()).contains(Errno.EMSGSIZE);
        assertThat(one.needed()).isEqualTo(2);
        gpu.detach(0).orThrow();
        assertThat(f.iommufd.ioasIovaRanges(ioas, 8).orThrow().ranges())
                .containsExactly(new IovaRange(0, -1L));
    }

    @Test
    void aMappingWhoseAddressTheKernelChoosesIsNeverAtZero() {
        HostFixture f = new HostFixture();
        int ioas = f.iommufd.ioasAlloc(0).orThrow();
        Iova at = f.iommufd.ioasMap(ioas, HostFixture.RW, f.ram, 0x2000, new Iova(0)).orThrow();
        assertThat(at.value()).isNotZero();
        Iova next = f.iommufd.ioasMap(ioas, HostFixture.RW, f.ram, 0x2000, new Iova(0)).orThrow();
        assertThat(Math.abs(next.value() - at.value())).isGreaterThanOrEqualTo(0x2000);
    }

    @Test
    void aCopyShowsTheSamePages() {
        HostFixture f = new HostFixture();
        int src = f.ioasWithRam();
        int dst = f.iommufd.ioasAlloc(0).orThrow();
        f.iommufd
                .ioasCopy(
                        dst,
                        src,
                        HostFixture.FIXED,
                        0x1000,
                        new Iova(0x1000),
                        new Iova(RAM_BASE + 0x3000))
                .orThrow();
        VfioDevice gpu = f.bind(GPU);
        gpu.attach(0, dst).orThrow();
        gpu.write(7, 4, 2, 6).orThrow();
        f.process.view().write(f.ram.value() + 0x3000, 8, 0x1122334455667788L);
        byte[] got = new byte[8];
        assertThat(f.machine.function(GPU).orElseThrow().dmaRead(0x1000, got)).isTrue();
        assertThat(got).startsWith(0x88, 0x77);
    }

    @Test
    void aGroupWithoutIsolatedMsiIsRefusedUnlessTheModuleOptionAllowsIt() {
        HostDescription plain = HostFixture.standard();
        HostFixture f = new HostFixture(change(plain, d -> with(d, d.group(), false, true)));
        assertThat(errno(f.open(GPU).bindIommufd(0, f.iommufd))).isEqualTo(Errno.EPERM);
    }

    @Test
    void aDeviceThatIsNotCoherentIsRefused() {
        HostFixture f =
                new HostFixture(
                        change(HostFixture.standard(), d -> with(d, d.group(), true, false)));
        assertThat(errno(f.open(GPU).bindIommufd(0, f.iommufd))).isEqualTo(Errno.EINVAL);
    }

    @Test
    void allDevicesOfAGroupUseOneHwpt() {
        HostFixture f =
                new HostFixture(
                        change(
                                HostFixture.standard(),
                                d -> with(d, d.bdf().equals(OTHER) ? 2 : 1, true, true)));
        VfioDevice gpu = f.bind(GPU);
        VfioDevice nic = f.bind(NIC);
        int ioas = f.ioasWithRam();
        int first = f.nestParent(gpu, ioas);
        int second = f.nestParent(gpu, ioas);
        gpu.attach(0, first).orThrow();
        assertThat(errno(nic.attach(0, second))).isEqualTo(Errno.EINVAL);
        nic.attach(0, first).orThrow();
        nic.attach(0, second).orThrow();
        assertThat(
                        f.iommufd
                                .inspect()
                                .attachment(gpu.boundDevice().orElseThrow())
                                .orElseThrow()
                                .hwptId())
                .isEqualTo(second);
    }

    @Test
    void anyCallCanBeMadeToFailAtItsNthTime() {
        FaultInjection faults =
                new FaultInjection(
                        List.of(
                                new FaultInjection.Failure(
                                        Ioctl.IOMMU_IOAS_ALLOC, 2, Errno.ENOMEM)));
        Iommufd fd = new HostFixture(HostFixture.standard(), faults).iommufd;
        fd.ioasAlloc(0).orThrow();
        assertThat(errno(fd.ioasAlloc(0))).isEqualTo(Errno.ENOMEM);
        assertThat(fd.ioasAlloc(0).orThrow()).isEqualTo(2);
    }

    private static HostDescription change(
            HostDescription host, java.util.function.UnaryOperator<DeviceDescription> f) {
        return host.withDevices(host.devices().stream().map(f).toList());
    }

    static DeviceDescription with(
            DeviceDescription d, int group, boolean isolated, boolean coherent) {
        return new DeviceDescription(
                d.bdf(),
                d.vendorId(),
                d.deviceId(),
                d.classCode(),
                d.bars(),
                d.msixVectors(),
                d.msixBar(),
                d.msiVectors(),
                d.pin(),
                d.ats(),
                d.pri(),
                d.pasidBits(),
                d.smmu(),
                d.streamId(),
                d.its(),
                d.itsDeviceId(),
                group,
                isolated,
                coherent);
    }
}
