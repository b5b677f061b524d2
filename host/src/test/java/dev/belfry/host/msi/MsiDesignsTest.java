package dev.belfry.host.msi;

import static dev.belfry.host.HostFixture.GPU;
import static dev.belfry.host.HostFixture.NIC;
import static dev.belfry.host.HostFixture.RAM_BASE;
import static dev.belfry.host.HostFixture.devId;
import static dev.belfry.host.HostFixture.errno;
import static dev.belfry.host.iommufd.ErrnoCase.PAGE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.host.HostFixture;
import dev.belfry.host.iommufd.IovaRange;
import dev.belfry.host.memory.UserVa;
import dev.belfry.host.msi.MsiDesign.Feature;
import dev.belfry.host.uapi.Errno;
import dev.belfry.host.uapi.EventFd;
import dev.belfry.host.vfio.IrqSet;
import dev.belfry.host.vfio.VfioDevice;
import dev.belfry.model.address.Iova;
import dev.belfry.model.journey.HopKind;
import dev.belfry.model.pci.spec.Bdf;
import dev.belfry.model.smmu.Access;
import dev.belfry.model.smmu.Smmu;
import dev.belfry.model.smmu.Translation;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// The MSI designs beside the shipping one, at the uAPI and at the device's table. Expectations are
/// those of the threads that proposed them: RFCv1 and the override (November 2024), the window
/// options ("Part-2" v2, October 2025).
class MsiDesignsTest {

    private static final int MSIX = 2;
    private static final int START = 2;
    private static final int SIZE = 3;
    private static final int SET = 0;
    private static final int GET = 1;
    private static final Iova GUESTS = new Iova(0xffff_f040L);
    private static final Iova VITS_PAGE = new Iova(0x0809_0000L);
    private static final Set<Feature> GIVEN = Set.of(Feature.GIVEN_ADDRESSES, Feature.MAP_MSI);

    private static VfioDevice attached(HostFixture f, Bdf bdf) {
        VfioDevice device = f.bind(bdf);
        device.attach(0, f.nestParent(device, f.ioasWithRam())).orThrow();
        return device;
    }

    private static IrqSet connect(int vector) {
        return IrqSet.trigger(MSIX, vector, List.of(Optional.of(new EventFd("v" + vector))));
    }

    /// What the device writes to, as its own table has it.
    private static long written(HostFixture f, int vector) {
        f.recorder.start();
        f.machine.function(GPU).orElseThrow().signal(vector);
        return f.recorder.stop().hops().stream()
                .filter(h -> h.kind() == HopKind.MSI_ENTRY)
                .map(h -> Long.decode(String.valueOf(h.fields().get("address"))))
                .findFirst()
                .orElseThrow();
    }

    private static HostFixture given(MsiDesign design) {
        HostFixture f = new HostFixture(design);
        VfioDevice gpu = attached(f, GPU);
        gpu.write(7, 4, 2, 6).orThrow();
        gpu.setIrqs(IrqSet.prepare(MSIX, 0, List.of(GUESTS))).orThrow();
        gpu.setIrqs(connect(0)).orThrow();
        return f;
    }

    @Test
    void releasedKernelsRefuseWhatNoDesignAdds() {
        HostFixture f = new HostFixture();
        VfioDevice gpu = f.bind(GPU);
        int hwpt = f.nestParent(gpu, f.ioasWithRam());
        assertThat(errno(gpu.setIrqs(IrqSet.prepare(MSIX, 0, List.of(GUESTS)))))
                .isEqualTo(Errno.EINVAL);
        assertThat(errno(f.iommufd.mapMsi(hwpt, devId(gpu), VITS_PAGE))).isEqualTo(Errno.ENOTTY);
        assertThat(errno(f.iommufd.option(START, SET, devId(gpu), 0x0b00_0000L)))
                .isEqualTo(Errno.EOPNOTSUPP);
    }

    @Test
    void aPresetAddressIsWhatTheDeviceWritesTo() {
        HostFixture f = given(new PrepareDesign(GIVEN));
        assertThat(written(f, 0)).isEqualTo(GUESTS.value());
        assertThat(f.iommufd.inspect().doorbells())
                .as("iommu_dma_prepare_msi is skipped")
                .isEmpty();
    }

    @Test
    void aVectorWithoutPresetGoesTheReleasedWay() {
        HostFixture f = new HostFixture(new PrepareDesign(GIVEN));
        VfioDevice gpu = attached(f, GPU);
        gpu.write(7, 4, 2, 6).orThrow();
        gpu.setIrqs(connect(0)).orThrow();
        assertThat(written(f, 0)).isEqualTo(0x0800_0040L);
    }

    @Test
    void theOverrideIsOnlyInTheTable() {
        HostFixture f = given(new OverrideDesign(GIVEN));
        assertThat(written(f, 0)).isEqualTo(GUESTS.value());
        assertThat(f.iommufd.inspect().doorbells()).as("lower layers are unaware").hasSize(1);
    }

    @Test
    void aTwoStageVectorWithoutAddressIsAnError() {
        HostFixture f = new HostFixture(new TwoStageDesign(GIVEN));
        assertThat(errno(attached(f, GPU).setIrqs(connect(0)))).isEqualTo(Errno.ENOSPC);
        assertThat(f.iommufd.inspect().doorbells()).as("nothing is mapped on the way").isEmpty();
    }

    @Test
    void prepareTakesAddressesAndNothingElse() {
        VfioDevice gpu = attached(new HostFixture(new PrepareDesign(GIVEN)), GPU);
        IrqSet.Data addresses = new IrqSet.Data.MsiIovas(List.of(GUESTS));
        IrqSet.Data fds = new IrqSet.Data.EventFds(List.of(Optional.empty()));
        for (IrqSet wrong :
                List.of(
                        new IrqSet(MSIX, IrqSet.Action.PREPARE, 0, 1, fds),
                        new IrqSet(MSIX, IrqSet.Action.TRIGGER, 0, 1, addresses),
                        new IrqSet(MSIX, IrqSet.Action.PREPARE, 0, 2, addresses),
                        new IrqSet(3, IrqSet.Action.TRIGGER, 0, 1, addresses))) {
            assertThat(errno(gpu.setIrqs(wrong))).as(wrong.toString()).isEqualTo(Errno.EINVAL);
        }
    }

    @Test
    void presetsAreForgottenWhenAsked() {
        HostFixture f = new HostFixture(new TwoStageDesign(GIVEN));
        VfioDevice gpu = attached(f, GPU);
        gpu.setIrqs(IrqSet.prepare(MSIX, 0, List.of(GUESTS))).orThrow();
        gpu.setIrqs(new IrqSet(MSIX, IrqSet.Action.PREPARE, 0, 0, new IrqSet.Data.None()))
                .orThrow();
        assertThat(errno(gpu.setIrqs(connect(0)))).isEqualTo(Errno.ENOSPC);
    }

    @Test
    void aRewriteKeepsAPresetAndLosesAnOverride() {
        for (boolean affinity : List.of(true, false)) {
            assertThat(afterRewrite(new PrepareDesign(GIVEN), affinity)).isEqualTo(0xffff_f040L);
            assertThat(afterRewrite(new TwoStageDesign(GIVEN), affinity)).isEqualTo(0xffff_f040L);
            assertThat(afterRewrite(new OverrideDesign(GIVEN), affinity)).isEqualTo(0x0800_0040L);
        }
    }

    private static long afterRewrite(MsiDesign design, boolean affinity) {
        HostFixture f = new HostFixture(design);
        VfioDevice gpu = attached(f, GPU);
        gpu.write(7, 4, 2, 6).orThrow();
        gpu.setIrqs(IrqSet.prepare(MSIX, 0, List.of(GUESTS))).orThrow();
        gpu.setIrqs(connect(0)).orThrow();
        if (affinity) {
            assertThat(gpu.setAffinity(0, 3)).isTrue();
            assertThat(gpu.vectors().iterator().next().cpu()).isEqualTo(3);
        } else {
            gpu.restoreMessages();
        }
        return written(f, 0);
    }

    @Test
    void aDoorbellIsMappedOnceAndOnlyWhereNothingIs() {
        HostFixture f = new HostFixture(new TwoStageDesign(GIVEN));
        VfioDevice gpu = f.bind(GPU);
        VfioDevice nic = f.bind(NIC);
        int ioas = f.ioasWithRam();
        int parent = f.nestParent(gpu, ioas);
        f.iommufd.mapMsi(parent, devId(gpu), VITS_PAGE).orThrow();
        f.iommufd.mapMsi(parent, devId(nic), VITS_PAGE).orThrow();
        assertThat(errno(f.iommufd.mapMsi(99, devId(gpu), VITS_PAGE))).isEqualTo(Errno.ENOENT);
        assertThat(errno(f.iommufd.mapMsi(parent, 99, VITS_PAGE))).isEqualTo(Errno.ENOENT);
        assertThat(errno(f.iommufd.mapMsi(ioas, devId(gpu), VITS_PAGE))).isEqualTo(Errno.ENOENT);
        assertThat(errno(f.iommufd.mapMsi(parent, devId(gpu), VITS_PAGE.plus(0x40))))
                .isEqualTo(Errno.EINVAL);
        assertThat(errno(f.iommufd.mapMsi(parent, devId(gpu), new Iova(RAM_BASE))))
                .isEqualTo(Errno.EEXIST);
        int plain = gpu.attach(0, ioas).orThrow();
        assertThat(errno(f.iommufd.mapMsi(plain, devId(gpu), VITS_PAGE))).isEqualTo(Errno.EINVAL);
    }

    /// Where the process's memory goes on elsewhere on the host.
    private static UserVa seam(HostFixture f) {
        UserVa at = f.ram;
        while (f.process.physical(at.plus(PAGE)).orElseThrow()
                == f.process.physical(at).orElseThrow() + PAGE) {
            at = at.plus(PAGE);
        }
        return at.plus(PAGE);
    }

    /// A mapping that one HWPT of the IOAS cannot take is in none of them, nor a part of it.
    @Test
    void aMappingThatMeetsADoorbellLeavesNothingInAnyHwpt() {
        HostFixture f = new HostFixture(new TwoStageDesign(GIVEN));
        VfioDevice gpu = f.bind(GPU);
        int ioas = f.iommufd.ioasAlloc(0).orThrow();
        gpu.attach(0, ioas).orThrow();
        int parent = f.nestParent(gpu, ioas);
        Iova doorbell = new Iova(0x4010_0000L);
        Iova start = doorbell.plus(-3 * PAGE);
        f.iommufd.mapMsi(parent, devId(gpu), doorbell).orThrow();
        UserVa va = seam(f).plus(-2 * PAGE);
        assertThat(errno(f.iommufd.ioasMap(ioas, HostFixture.FIXED, va, 8 * PAGE, start)))
                .isEqualTo(Errno.EEXIST);
        Smmu smmu = f.machine.smmu("smmu0").orElseThrow();
        int sid = f.streamId(GPU);
        assertThat(smmu.translate(sid, Smmu.NO_SUBSTREAM, start.value(), Access.READ))
                .isInstanceOf(Translation.Faulted.class);
        f.iommufd.ioasMap(ioas, HostFixture.FIXED, va, 3 * PAGE, start).orThrow();
        assertThat(smmu.translate(sid, Smmu.NO_SUBSTREAM, start.value(), Access.READ))
                .isInstanceOf(Translation.Mapped.class);
    }

    /// The doorbells in use do not fit into the next IOAS: nothing of it stays reserved.
    @Test
    void anIoasThatADeviceCannotGoOverToKeepsItsRanges() {
        HostFixture f = new HostFixture(new OverrideDesign(GIVEN));
        VfioDevice gpu = attached(f, GPU);
        gpu.setIrqs(connect(0)).orThrow();
        int next = f.iommufd.ioasAlloc(0).orThrow();
        int parent = f.nestParent(gpu, next);
        f.iommufd.mapMsi(parent, devId(gpu), new Iova(0x0800_0000)).orThrow();
        assertThat(errno(gpu.attach(0, parent))).isEqualTo(Errno.EEXIST);
        assertThat(f.iommufd.ioasIovaRanges(next, 8).orThrow().ranges())
                .containsExactly(new IovaRange(0, (1L << 48) - 1));
    }

    @Test
    void theWindowIsADevicesOwnUntilItIsAttached() {
        HostFixture f = new HostFixture(SwMsiDesign.withOptions());
        VfioDevice gpu = f.bind(GPU);
        int id = devId(gpu);
        assertThat(errno(f.iommufd.option(SIZE, SET, id, 2))).isEqualTo(Errno.EINVAL);
        assertThat(errno(f.iommufd.option(START, SET, id, 0x0809_0000L))).isEqualTo(Errno.EINVAL);
        assertThat(errno(f.iommufd.option(START, SET, 99, 0x0b00_0000L))).isEqualTo(Errno.ENOENT);
        assertThat(errno(f.iommufd.option(START, 7, id, 0x0b00_0000L))).isEqualTo(Errno.EOPNOTSUPP);
        f.iommufd.option(START, SET, id, 0x0b00_0000L).orThrow();
        assertThat(errno(f.iommufd.option(SIZE, SET, id, -1L))).isEqualTo(Errno.EOVERFLOW);
        f.iommufd.option(SIZE, SET, id, 4).orThrow();
        assertThat(f.iommufd.option(SIZE, GET, id, 0).orThrow()).isEqualTo(4);
        int ioas = f.ioasWithRam();
        gpu.attach(0, f.nestParent(gpu, ioas)).orThrow();
        assertThat(errno(f.iommufd.option(START, SET, id, 0x0c00_0000L))).isEqualTo(Errno.EBUSY);
        assertThat(errno(f.iommufd.option(START, GET, id, 0))).isEqualTo(Errno.EBUSY);
        assertThat(f.iommufd.ioasIovaRanges(ioas, 8).orThrow().ranges())
                .containsExactly(
                        new IovaRange(0, 0x0aff_ffffL),
                        new IovaRange(0x0b40_0000L, (1L << 48) - 1));
        gpu.write(7, 4, 2, 6).orThrow();
        gpu.setIrqs(connect(0)).orThrow();
        assertThat(written(f, 0)).isEqualTo(0x0b00_0040L);
    }
}
