package dev.belfry.host.probe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.host.description.DeviceDescription;
import dev.belfry.host.description.HostDescription;
import dev.belfry.model.smmu.spec.SmmuRegister;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HostProbeTest {

    private static final String SMMU = "0x0000000011000000";

    @TempDir Path root;

    @Test
    void whatRootReadsIsDescribedInFull() throws IOException {
        SysTrees.arm(root)
                .smmu(SMMU, "arm-smmu-v3.1.auto")
                .function("0009:01:00.0", SMMU, 16, SysTrees.config(4096))
                .link(
                        "sys/bus/pci/devices/0009:01:00.0/driver",
                        "../../../bus/pci/drivers/vfio-pci")
                .file("sys/bus/pci/devices/0009:01:00.0/vfio-dev/vfio0/dev", "511:0");
        String yaml = ProbedYaml.of(probe());
        HostDescription host = HostDescription.read("probed", yaml);
        assertThat(host.cpus()).isEqualTo(72);
        assertThat(host.ramSize()).isEqualTo(480L << 30);
        assertThat(host.kernel()).hasToString("6.17");
        assertThat(host.smmus()).extracting(s -> s.base()).containsExactly(0x1100_0000L);
        DeviceDescription device = host.devices().getFirst();
        assertThat(device.bdf()).hasToString("0009:01:00.0");
        assertThat(device.vendorId()).isEqualTo(0x10de);
        assertThat(device.classCode()).isEqualTo(0x03_0200);
        assertThat(device.bars()).hasSize(2);
        assertThat(device.bars().getFirst().size()).isEqualTo(16L << 20);
        assertThat(device.bars().getFirst().prefetchable()).isTrue();
        assertThat(device.bars().getLast().wide()).isFalse();
        assertThat(device.msixVectors()).isEqualTo(16);
        assertThat(device.ats()).isTrue();
        assertThat(device.pri()).isFalse();
        assertThat(device.pasidBits()).isEqualTo(20);
        assertThat(device.group()).isEqualTo(16);
        assertThat(yaml).contains("bound to vfio-pci, /dev/vfio/devices/vfio0", "page-size: 64K");
    }

    @Test
    void whatOnlyRootMayReadIsSaidAndNotGuessed() throws IOException {
        SysTrees.arm(root)
                .smmu(SMMU, "arm-smmu-v3.1.auto")
                .function("0009:01:00.0", SMMU, 16, SysTrees.config(64));
        ProbedHost host = probe();
        String yaml = ProbedYaml.of(host);
        assertThat(host.devices().getFirst().config().capabilities()).isFalse();
        assertThat(yaml)
                .contains("MSI-X, ATS and PASID is known to root", "msix: 0  # not known")
                .contains("identity: grace  # assumed: ID registers could not be read")
                .doesNotContain("ats:", "pasid:");
        assertThat(HostDescription.read("probed", yaml).devices()).hasSize(1);
    }

    @Test
    void theKernelLogTellsOfIdRegisters() throws IOException {
        SysTrees.arm(root)
                .smmu(SMMU, "arm-smmu-v3.1.auto")
                .file(
                        "var/log/dmesg",
                        """
                        [    1.0] arm-smmu-v3 arm-smmu-v3.0.auto: ias 48-bit, oas 52-bit (features 0x0)
                        [    1.1] arm-smmu-v3 arm-smmu-v3.1.auto: ias 48-bit, oas 44-bit (features 0x001c9fbf)
                        """);
        HostDescription host = HostDescription.read("probed", ProbedYaml.of(probe()));
        int idr5 = host.smmus().getFirst().identity().idr5();
        assertThat(SmmuRegister.Idr5.OAS.getInt(idr5)).isEqualTo(4);
        assertThat(SmmuRegister.Idr0.ATS.isSet(host.smmus().getFirst().identity().idr0())).isTrue();
        assertThat(SmmuRegister.Idr3.RIL.isSet(host.smmus().getFirst().identity().idr3())).isTrue();
    }

    @Test
    void whatStandsAgainstPassingThroughIsTold() throws IOException {
        SysTrees.arm(root)
                .file(
                        "proc/config.gz",
                        gzip(
                                "CONFIG_IOMMUFD=m\nCONFIG_VFIO_PCI=m\n"
                                        + "# CONFIG_VFIO_DEVICE_CDEV is not set\nCONFIG_ARM_SMMU_V3=y\n"))
                .file("dev/null", "");
        assertThat(probe().notes())
                .anyMatch(n -> n.contains("without CONFIG_VFIO_DEVICE_CDEV"))
                .anyMatch(n -> n.contains("without CONFIG_ARM_SMMU_V3_IOMMUFD"))
                .noneMatch(n -> n.contains("without CONFIG_IOMMUFD:"))
                .anyMatch(n -> n.startsWith("there is no /dev/iommu"))
                .anyMatch(n -> n.startsWith("no SMMUv3 is in /sys/class/iommu"));
        assertThat(ProbedYaml.of(probe()))
                .contains(
                        "kernel-without: [ARM_SMMU_V3_IOMMUFD, TEGRA241_CMDQV, VFIO_DEVICE_CDEV]");
    }

    @ParameterizedTest
    @CsvSource({
        "6.8.0-1021-nvidia, 6.13",
        "6.19.2, 6.19",
        "6.20.1, 6.19",
        "7.0.0-1006-nvidia, 7.0",
        "7.1.4, 7.0",
        "7.3.4+deb13-arm64, 7.3",
        "8.2.0, 7.3"
    })
    void aKernelThatIsNotModelledIsTold(String release, String taken) throws IOException {
        SysTrees.arm(root).file("proc/sys/kernel/osrelease", release);
        boolean modelled = release.startsWith(taken + ".");
        assertThat(ProbedYaml.of(probe()))
                .contains(
                        "kernel: "
                                + taken
                                + "  # "
                                + release
                                + (modelled ? "\n" : "; the nearest that is modelled"));
    }

    @Test
    void bridgesOtherIommusAndRepeatedStreamsAreLeftOut() throws IOException {
        SysTrees tree =
                SysTrees.arm(root)
                        .smmu(SMMU, "arm-smmu-v3.1.auto")
                        .smmu("0x0000000148000000", "arm-smmu-v3.2.auto")
                        .function("0000:01:00.0", SMMU, 1, SysTrees.config(4096))
                        .function("0001:01:00.0", SMMU, 2, SysTrees.config(4096))
                        .function("0002:01:00.0", "0x0000000148000000", 3, SysTrees.config(4096))
                        .function("0003:01:00.0", "0x00000000deadbeef", 4, SysTrees.config(4096))
                        .function("0004:00:00.0", SMMU, 5, SysTrees.config(4096));
        tree.file("sys/bus/pci/devices/0004:00:00.0/class", "0x060400");
        String yaml = ProbedYaml.of(probe());
        HostDescription host = HostDescription.read("probed", yaml);
        assertThat(host.devices())
                .extracting(d -> d.bdf().toString())
                .containsExactly("0000:01:00.0", "0002:01:00.0");
        assertThat(yaml)
                .contains("# 0001:01:00.0 is left out: its StreamID is not known")
                .contains("# 0003:01:00.0 is left out: its SMMU is not in /sys/class/iommu");
    }

    @Test
    void whatIsNotArmIsNot() throws IOException {
        assertThat(HostProbe.read(root)).isInstanceOf(HostProbe.Answer.NotArm.class);
        Path x86 = root.resolve("x86");
        SysTrees.arm(root.resolve("other")).file("../x86/proc/cpuinfo", "vendor_id : GenuineIntel");
        assertThat(HostProbe.read(x86)).isEqualTo(new HostProbe.Answer.NotArm("an x86 machine"));
    }

    @Test
    void anEmptyArmHostIsAHostToo() throws IOException {
        SysTrees.arm(root);
        HostDescription host = HostDescription.read("probed", ProbedYaml.of(probe()));
        assertThat(host.devices()).isEmpty();
        assertThat(host.smmus()).isEmpty();
    }

    private ProbedHost probe() {
        return ((HostProbe.Answer.Arm) HostProbe.read(root)).host();
    }

    private static byte[] gzip(String text) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GZIPOutputStream zip = new GZIPOutputStream(out)) {
            zip.write(text.getBytes(StandardCharsets.UTF_8));
        }
        return out.toByteArray();
    }
}
