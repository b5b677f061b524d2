package dev.belfry.lab.run;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/// Devices of two host SMMUs behind one guest SMMU, as QEMU 11.1.3 under KVM of Linux 7.0 showed it
/// with a guest of Linux 6.1: the second device stays on stage 2, the guest's first CFGI_ALL is
/// refused (`IOMMU_VDEVICE_ALLOC`: EINVAL) before its driver has its interrupts, and its command
/// queue never goes on. With `iommu.passthrough=1` nobody misses it: both disks were read, both
/// interrupted. Without, both drivers gave up.
class MixedSmmusTest {

    private static final String MIXED =
            Runs.KVM
                    + Runs.accelerated(1, 8)
                    + " -device pcie-root-port,id=rp2,bus=pcie.1,chassis=2"
                    + Runs.device("0004:01:00.0", 1)
                    + Runs.device("0006:01:00.0", 2);

    @Test
    void noDeviceIsTranslatedAndInterruptsArrive() throws Exception {
        RunReport report = Runs.onHost("grace", MIXED);

        assertThat(report.devices())
                .extracting(RunReport.Device::policy)
                .containsExactly("bypass", "none installed: stage 2 only");
        assertThat(report.vectors()).isNotEmpty().allMatch(RunReport.Vector::delivered);
        assertThat(report.dma()).isNotEmpty().noneMatch(RunReport.Dma::verified);
    }

    @Test
    void aGuestThatTranslatesNothingMissesNothing() throws Exception {
        RunReport report =
                Runs.onHost("grace", MIXED + " -kernel Image -append iommu.passthrough=1");

        assertThat(report.vectors()).isNotEmpty().allMatch(RunReport.Vector::delivered);
        assertThat(report.dma()).isNotEmpty().allMatch(RunReport.Dma::verified);
    }
}
