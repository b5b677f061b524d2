package dev.belfry.host.iommufd;

import static dev.belfry.host.HostFixture.FIXED;
import static dev.belfry.host.HostFixture.GPU;
import static dev.belfry.host.HostFixture.RW;
import static dev.belfry.host.HostFixture.devId;
import static dev.belfry.host.HostFixture.errno;
import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.host.HostFixture;
import dev.belfry.host.memory.MemFile;
import dev.belfry.host.uapi.Errno;
import dev.belfry.host.vfio.VfioDevice;
import dev.belfry.model.address.Iova;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class MapFileTest {

    private static final long SIZE = 4L << 20;

    private final HostFixture f = new HostFixture();
    private final MemFile file = MemFile.create(f.kernel.newProcess(), SIZE).orThrow();
    private final VfioDevice gpu = f.bind(GPU);
    private final int ioas = f.iommufd.ioasAlloc(0).orThrow();

    @Test
    void aDeviceReachesAFileOfNoProcess() {
        gpu.attach(0, ioas).orThrow();
        gpu.write(7, 4, 2, 6).orThrow();
        f.iommufd
                .ioasMapFile(ioas, FIXED, Optional.of(file), 0x1000, 0x2000, new Iova(0x7000))
                .orThrow();
        file.view().write(0x2008, 8, 0x1234_5678L, 0);
        byte[] got = new byte[4];
        assertThat(f.machine.function(GPU).orElseThrow().dmaRead(0x8008, got)).isTrue();
        assertThat(got).containsExactly(0x78, 0x56, 0x34, 0x12);
    }

    @Test
    void anotherProcessMayTakeOverWhatIsOfFilesOnly() {
        f.iommufd.ioasMapFile(ioas, RW, Optional.of(file), 0, SIZE, new Iova(0)).orThrow();
        f.iommufd.ioasChangeProcess().orThrow();
        f.iommufd.ioasMap(ioas, RW, f.ram, 4096, new Iova(0)).orThrow();
        assertThat(errno(f.iommufd.ioasChangeProcess())).isEqualTo(Errno.EINVAL);
    }

    @Test
    void whatIsNoFileOrBeyondItsEndIsRefused() {
        Iova at = new Iova(0x10000);
        assertThat(errno(f.iommufd.ioasMapFile(ioas, FIXED, Optional.empty(), 0, 4096, at)))
                .isEqualTo(Errno.EBADF);
        assertThat(errno(f.iommufd.ioasMapFile(77, FIXED, Optional.empty(), 0, 4096, at)))
                .as("the IOAS is looked up first")
                .isEqualTo(Errno.ENOENT);
        f.iommufd.hwptAlloc(HwptAlloc.paging(0, devId(gpu), ioas)).orThrow();
        assertThat(errno(f.iommufd.ioasMapFile(ioas, FIXED, Optional.of(file), SIZE, 4096, at)))
                .isEqualTo(Errno.EINVAL);
        assertThat(errno(f.iommufd.ioasMapFile(ioas, FIXED, Optional.of(file), -4096, 8192, at)))
                .isEqualTo(Errno.EOVERFLOW);
    }

    @Test
    void theIoasOfTheOldVfioCallsIsSetToldAndForgotten() {
        assertThat(errno(f.iommufd.vfioIoas(0, 0))).isEqualTo(Errno.ENODEV);
        assertThat(errno(f.iommufd.vfioIoas(1, 77))).isEqualTo(Errno.ENOENT);
        f.iommufd.vfioIoas(1, ioas).orThrow();
        assertThat(f.iommufd.vfioIoas(0, 0).orThrow()).isEqualTo(ioas);
        f.iommufd.vfioIoas(2, 0).orThrow();
        assertThat(errno(f.iommufd.vfioIoas(0, 0))).isEqualTo(Errno.ENODEV);
        f.iommufd.vfioIoas(1, ioas).orThrow();
        f.iommufd.destroy(ioas).orThrow();
        assertThat(errno(f.iommufd.vfioIoas(0, 0))).isEqualTo(Errno.ENODEV);
        assertThat(errno(f.iommufd.vfioIoas(3, 0))).isEqualTo(Errno.EOPNOTSUPP);
    }
}
