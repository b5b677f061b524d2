package dev.belfry.host.vfio;

import static dev.belfry.host.HostFixture.GPU;
import static dev.belfry.host.HostFixture.devId;
import static dev.belfry.host.HostFixture.errno;
import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.host.HostFixture;
import dev.belfry.host.iommufd.HwptAlloc;
import dev.belfry.host.uapi.Errno;
import dev.belfry.host.uapi.KernelVersion;
import dev.belfry.model.pci.spec.ExtendedCapabilityId;
import dev.belfry.model.smmu.Access;
import dev.belfry.model.smmu.Translation;
import dev.belfry.model.smmu.spec.Ste;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// A function level reset of a device that uses ATS.
class ResetTest {

    private static final long EATS = 1L << 28;
    private static final int PASID = 1;

    /// What the device finds while it is reset.
    ///
    /// @param ste its STE
    /// @param issued commands that the SMMU was given so far
    private record Seen(Ste ste, long issued) {}

    private final List<Seen> seen = new ArrayList<>();

    private HostFixture host(KernelVersion version) {
        HostFixture f = new HostFixture(HostFixture.standard().withKernel(version));
        f.machine
                .function(GPU)
                .orElseThrow()
                .onReset(() ->
                        seen.add(
                                new Seen(
                                        f.physicalSte("smmu0", f.streamId(GPU)),
                                        f.driver("smmu0").commandQueue().issued())));
        return f;
    }

    private static VfioDevice nestedWithAts(HostFixture f) {
        VfioDevice gpu = f.bind(GPU);
        int viommu = f.viommu(gpu);
        f.iommufd.vdeviceAlloc(viommu, devId(gpu), 0x10).orThrow();
        gpu.attach(0, f.nested(gpu, viommu, 0xb, 0xd6 | EATS)).orThrow();
        assertThat(atsOn(f)).isTrue();
        return gpu;
    }

    private static boolean atsOn(HostFixture f) {
        var function = f.machine.function(GPU).orElseThrow();
        int at = function.configSpace().find(ExtendedCapabilityId.ATS).orElseThrow().offset();
        return (function.configRead(at + 6, 2) & 0x8000) != 0;
    }

    @Test
    void fromLinux70OnTheDeviceIsParkedMeanwhile() {
        HostFixture f = host(KernelVersion.V7_0);
        VfioDevice gpu = nestedWithAts(f);
        Ste before = f.physicalSte("smmu0", f.streamId(GPU));
        long issued = f.driver("smmu0").commandQueue().issued();
        gpu.reset().orThrow();
        Ste during = seen.getLast().ste;
        assertThat(Ste.CONFIG.get(during.w0())).as("abort").isZero();
        assertThat(Ste.EATS.get(during.w1())).isZero();
        assertThat(seen.getLast().issued)
                .as("CFGI_STE and ATC_INV came first")
                .isGreaterThan(issued);
        assertThat(f.physicalSte("smmu0", f.streamId(GPU))).isEqualTo(before);
        assertThat(atsOn(f)).isTrue();
    }

    @Test
    void beforeThatAtsStaysOnInTheSteAndIsRestoredAtTheDevice() {
        HostFixture f = host(KernelVersion.V6_19);
        VfioDevice gpu = nestedWithAts(f);
        gpu.reset().orThrow();
        assertThat(Ste.EATS.get(seen.getLast().ste.w1())).isOne();
        assertThat(atsOn(f)).isTrue();
    }

    @Test
    void nobodyAttachesWhileADeviceIsReset() {
        HostFixture f = host(KernelVersion.V7_0);
        VfioDevice gpu = nestedWithAts(f);
        List<Errno> refused = new ArrayList<>();
        f.machine
                .function(GPU)
                .orElseThrow()
                .onReset(() -> {
                    refused.add(errno(gpu.attach(0, f.ioasWithRam())));
                    refused.add(errno(gpu.reset()));
                });
        gpu.reset().orThrow();
        assertThat(refused).containsExactly(Errno.EBUSY, Errno.EBUSY);
        gpu.attach(0, f.ioasWithRam()).orThrow();
    }

    @Test
    void pasidsAreBackAfterIt() {
        HostFixture f = host(KernelVersion.V7_0);
        VfioDevice gpu = f.bind(GPU);
        int ioas = f.ioasWithRam();
        HwptAlloc alloc = HwptAlloc.paging(HwptAlloc.PASID, devId(gpu), ioas);
        gpu.attach(0, f.iommufd.hwptAlloc(alloc).orThrow()).orThrow();
        gpu.attach(PASID, f.iommufd.hwptAlloc(alloc).orThrow(), 3).orThrow();
        gpu.reset().orThrow();
        var smmu = f.machine.smmu("smmu0").orElseThrow();
        assertThat(Ste.CONFIG.get(seen.getLast().ste.w0())).isZero();
        assertThat(smmu.translate(f.streamId(GPU), 3, HostFixture.RAM_BASE, Access.READ))
                .isInstanceOf(Translation.Mapped.class);
    }
}
