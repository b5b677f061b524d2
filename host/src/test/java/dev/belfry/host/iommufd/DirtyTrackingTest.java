package dev.belfry.host.iommufd;

import static dev.belfry.host.HostFixture.GPU;
import static dev.belfry.host.HostFixture.RAM_BASE;
import static dev.belfry.host.HostFixture.RAM_SIZE;
import static dev.belfry.host.HostFixture.devId;
import static dev.belfry.host.HostFixture.errno;
import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.host.HostFixture;
import dev.belfry.host.uapi.Errno;
import dev.belfry.host.uapi.KernelVersion;
import dev.belfry.host.vfio.VfioDevice;
import dev.belfry.model.address.Iova;
import dev.belfry.model.smmu.spec.SmmuRegister.Idr0;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What devices wrote, as the SMMU marks it (DBM; Arm ARM D8.5.3) and iommufd tells it.
class DirtyTrackingTest {

    private static final long BLOCK = 2L << 20;

    /// Hardware that updates access flags and dirty state.
    private static final int UPDATES_BOTH = 2;

    private final HostFixture f =
            new HostFixture(HostFixture.with(id -> id.withIdr0(Idr0.HTTU, UPDATES_BOTH)));
    private final VfioDevice gpu = f.bind(GPU);
    private final int ioas = f.ioasWithRam();
    private final int hwpt =
            f.iommufd
                    .hwptAlloc(HwptAlloc.paging(HwptAlloc.DIRTY_TRACKING, devId(gpu), ioas))
                    .orThrow();

    @BeforeEach
    void attach() {
        gpu.attach(0, hwpt).orThrow();
        gpu.write(7, 4, 2, 6).orThrow();
        f.iommufd.hwptSetDirtyTracking(1, hwpt).orThrow();
    }

    private void write(long address) {
        assertThat(f.machine.function(GPU).orElseThrow().dmaWrite(address, new byte[] {1}))
                .isTrue();
    }

    /// Starts of the dirty ranges.
    private Set<Long> dirty(int flags) {
        Set<Long> out = new TreeSet<>();
        f.iommufd
                .hwptGetDirtyBitmap(
                        flags,
                        hwpt,
                        new Iova(RAM_BASE),
                        RAM_SIZE,
                        4096,
                        (iova, size) -> out.add(iova.value() - RAM_BASE))
                .orThrow();
        return out;
    }

    @Test
    void onlyWhatWasWrittenSinceIsTold() {
        assertThat(dirty(0)).as("enabling begins with a clean slate").isEmpty();
        write(RAM_BASE + 3 * BLOCK + 5);
        f.machine.function(GPU).orElseThrow().dmaRead(RAM_BASE + 5 * BLOCK, new byte[4]);
        assertThat(dirty(0)).containsExactly(3 * BLOCK);
        assertThat(dirty(0)).as("reading it cleared it").isEmpty();
        write(RAM_BASE + 3 * BLOCK + 5);
        assertThat(dirty(0)).as("the TLB forgot that it was written").containsExactly(3 * BLOCK);
    }

    @Test
    void noClearLeavesItAsItIs() {
        write(RAM_BASE + BLOCK);
        assertThat(dirty(1)).containsExactly(BLOCK);
        assertThat(dirty(1)).containsExactly(BLOCK);
    }

    @Test
    void aHwptWithoutTrackingRefuses() {
        int plain = f.iommufd.hwptAlloc(HwptAlloc.paging(0, devId(gpu), ioas)).orThrow();
        assertThat(errno(f.iommufd.hwptSetDirtyTracking(1, plain))).isEqualTo(Errno.EOPNOTSUPP);
        assertThat(get(plain, RAM_BASE, RAM_SIZE, 4096)).isEqualTo(Errno.EOPNOTSUPP);
        assertThat(get(plain, RAM_BASE + 1, RAM_SIZE, 4096))
                .as("the range is looked at first")
                .isEqualTo(Errno.EINVAL);
    }

    private Errno get(int id, long iova, long length, long pageSize) {
        return errno(
                f.iommufd.hwptGetDirtyBitmap(
                        0, id, new Iova(iova), length, pageSize, (at, size) -> {}));
    }

    @Test
    void rangesThatDoNotFitAreRefused() {
        assertThat(get(hwpt, RAM_BASE, 0, 4096)).isEqualTo(Errno.EOVERFLOW);
        assertThat(get(hwpt, -4096, 8192, 4096)).isEqualTo(Errno.EOVERFLOW);
        assertThat(get(hwpt, RAM_BASE + 16, 4096, 4096)).isEqualTo(Errno.EINVAL);
        assertThat(get(hwpt, RAM_BASE, 4096, 0)).isEqualTo(Errno.EINVAL);
        assertThat(get(hwpt, RAM_BASE, 4096, 8192)).isEqualTo(Errno.EINVAL);
        assertThat(get(hwpt, RAM_BASE, RAM_SIZE + 4096, 4096))
                .as("a hole behind RAM")
                .isEqualTo(Errno.EINVAL);
        assertThat(get(77, RAM_BASE, 4096, 4096)).isEqualTo(Errno.ENOENT);
    }

    @Test
    void from73OnARangeOfNothingIsEinvalWhereverItLies() {
        HostFixture newer = new HostFixture(HostFixture.standard().withKernel(KernelVersion.V7_3));
        int plain =
                newer.iommufd
                        .hwptAlloc(HwptAlloc.paging(0, devId(newer.bind(GPU)), newer.ioasWithRam()))
                        .orThrow();
        assertThat(
                        errno(
                                newer.iommufd.hwptGetDirtyBitmap(
                                        0, plain, new Iova(RAM_BASE), 0, 4096, (at, size) -> {})))
                .isEqualTo(Errno.EINVAL);
    }
}
