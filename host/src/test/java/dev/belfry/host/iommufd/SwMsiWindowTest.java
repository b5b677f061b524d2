package dev.belfry.host.iommufd;

import static dev.belfry.host.HostFixture.errno;
import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.host.iommu.Domain;
import dev.belfry.host.iommu.Iommu;
import dev.belfry.host.iommu.IommuDevice;
import dev.belfry.host.iommu.IommuGroup;
import dev.belfry.host.iommu.ReservedRegion;
import dev.belfry.host.uapi.Done;
import dev.belfry.host.uapi.Errno;
import dev.belfry.host.uapi.Result;
import java.util.List;
import org.junit.jupiter.api.Test;

/// A chosen window for doorbells beside what else a device keeps free.
class SwMsiWindowTest {

    private static final long MIB = 1 << 20;

    /// A device whose own window is at 0x8000000 and that keeps [5 MiB, 7 MiB) free for itself.
    private record Device() implements IommuDevice {
        @Override
        public String name() {
            return "0000:01:00.0";
        }

        @Override
        public Iommu iommu() {
            throw new UnsupportedOperationException();
        }

        @Override
        public IommuGroup group() {
            throw new UnsupportedOperationException();
        }

        @Override
        public List<ReservedRegion> reservedRegions() {
            return List.of(
                    new ReservedRegion(0x0800_0000, MIB, ReservedRegion.Type.SW_MSI),
                    new ReservedRegion(5 * MIB, 2 * MIB, ReservedRegion.Type.RESERVED));
        }

        @Override
        public boolean cacheCoherent() {
            return true;
        }

        @Override
        public boolean isolatedMsi() {
            return true;
        }

        @Override
        public boolean hasPasids() {
            return false;
        }

        @Override
        public int maxPasidLog2() {
            return 0;
        }

        @Override
        public Result<Done> attach(Domain domain) {
            return Result.done();
        }

        @Override
        public Result<Done> prepareReset() {
            return Result.done();
        }

        @Override
        public void resetDone() {}

        @Override
        public Result<Done> attachPasid(Domain domain, int pasid) {
            return Result.done();
        }

        @Override
        public void detachPasid(int pasid) {}
    }

    private static Result<SwMsiWindow> at(long start, long mebibytes) {
        Device device = new Device();
        return SwMsiWindow.of(device)
                .withStart(start)
                .then(w -> w.withSize(mebibytes))
                .then(w -> w.apart(device));
    }

    @Test
    void anotherReservedRegionIsInItsWay() {
        assertThat(errno(at(6 * MIB, 1))).isEqualTo(Errno.EADDRINUSE);
        assertThat(errno(at(4 * MIB, 2))).as("its end meets it").isEqualTo(Errno.EADDRINUSE);
        assertThat(errno(at(0, 64))).as("it lies around it").isEqualTo(Errno.EADDRINUSE);
    }

    @Test
    void besideItAndOverTheDriversOwnWindowItFits() {
        assertThat(at(4 * MIB, 1).isOk()).isTrue();
        assertThat(at(7 * MIB, 1).isOk()).isTrue();
        assertThat(at(0x0800_0000, 1).isOk()).isTrue();
    }

    @Test
    void regionsTellTheChosenWindowInPlaceOfTheDrivers() {
        assertThat(at(7 * MIB, 2).orThrow().regions(new Device()))
                .containsExactly(
                        new ReservedRegion(5 * MIB, 2 * MIB, ReservedRegion.Type.RESERVED),
                        new ReservedRegion(7 * MIB, 2 * MIB, ReservedRegion.Type.SW_MSI));
    }
}
