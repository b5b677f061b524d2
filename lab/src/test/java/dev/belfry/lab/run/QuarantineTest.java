package dev.belfry.lab.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.host.description.DeviceDescription;
import dev.belfry.host.machine.HostMachine;
import dev.belfry.host.uapi.Errno;
import dev.belfry.host.uapi.FaultInjection.Failure;
import dev.belfry.host.uapi.Ioctl;
import dev.belfry.model.smmu.Access;
import dev.belfry.model.smmu.Smmu;
import dev.belfry.model.smmu.Translation;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// A device whose new policy the host refuses does not go on with the old one.
class QuarantineTest {

    private static final long DOORBELL = 0x0800_0040L;

    @TempDir private Path directory;

    /// The `nth` call of its kind after the guest has booted fails.
    private RunSession failingAfterBoot(Ioctl call, int nth) throws Exception {
        int before = PlugScene.start(directory).failures().count(call);
        return PlugScene.start(directory, new Failure(call, before + nth, Errno.ENOMEM));
    }

    private static Translation doorbell(RunSession vm) {
        HostMachine machine = vm.platform().host().machine();
        DeviceDescription device = machine.description().devices().getFirst();
        Smmu smmu = machine.smmu(device.smmu()).orElseThrow();
        return smmu.translate(device.streamId(), Smmu.NO_SUBSTREAM, DOORBELL, Access.WRITE);
    }

    @ParameterizedTest
    @CsvSource({"IOMMU_HWPT_ALLOC, 1", "IOMMU_HWPT_INVALIDATE, 1", "IOMMU_HWPT_INVALIDATE, 2"})
    void aDeviceThatTheHostDidNotFollowIsOnAbort(Ioctl call, int nth) throws Exception {
        RunSession vm = failingAfterBoot(call, nth);
        assertThat(doorbell(vm)).isInstanceOf(Translation.Mapped.class);

        moveToNewDomains(vm);

        assertThat(doorbell(vm))
                .as("an STE of abort records nothing")
                .isEqualTo(new Translation.Faulted(Optional.empty(), false));
        assertThat(vm.report().devices().getFirst().policy())
                .isEqualTo("abort: the host did not follow");
    }

    private static void moveToNewDomains(RunSession vm) {
        vm.platform().guest().report().devices().stream()
                .filter(d -> d.driven() && d.smmu().isPresent())
                .forEach(d -> vm.platform().guest().replaceDomain(d.bdf()));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void aNestedHwptThatCouldNotBeAttachedIsDestroyed(int nth) throws Exception {
        RunSession vm = failingAfterBoot(Ioctl.VFIO_DEVICE_ATTACH_IOMMUFD_PT, nth);

        moveToNewDomains(vm);

        boolean own = vm.report().devices().getFirst().policy().equals("translate");
        assertThat(vm.platform().vm().passedThrough().iommufds())
                .flatExtracting(fd -> fd.inspect().objects())
                .filteredOn(o -> o.kind().equals("a nested HWPT"))
                .as("abort, bypass, the device's own if it has one")
                .hasSize(own ? 3 : 2);
    }
}
