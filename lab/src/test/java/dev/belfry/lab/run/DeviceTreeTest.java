package dev.belfry.lab.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.lab.InputError;
import dev.belfry.vmm.version.QemuVersion;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/// The whole device tree, handles included, against what real QEMUs give their guests.
class DeviceTreeTest {

    private static final String CAPTURED = "7.2";

    @TempDir Path directory;

    @ParameterizedTest
    @CsvSource(
            delimiter = ' ',
            value = {
                "smmu gic-version=3,iommu=smmuv3",
                "bypass gic-version=3,iommu=smmuv3,default_bus_bypass_iommu=on",
                "nosmmu gic-version=3",
                "secure-virt gic-version=3,iommu=smmuv3,virtualization=on",
                "gicv2 gic-version=2,iommu=smmuv3",
            })
    void theTreeIsTheCapturedOne(String name, String machine) throws IOException, InputError {
        FirmwareLab.Report report =
                Trees.build(
                        "qemu-system-aarch64 -cpu cortex-a57 -smp 2 -m 512 -M virt," + machine,
                        CAPTURED);
        try (InputStream captured =
                Objects.requireNonNull(
                        DeviceTreeTest.class.getResourceAsStream("dt/" + name + ".dts"))) {
            assertThat(Trees.normalised("dtb", Trees.file(report, "virt.dtb"), directory))
                    .isEqualTo(Trees.normalised("dts", captured.readAllBytes(), directory));
        }
    }

    static List<String> lines() throws IOException {
        return CommandLines.forThisQemu();
    }

    @ParameterizedTest
    @MethodSource("lines")
    void theTreeIsTheOneThatTheQemuOnPathGives(String options) throws IOException, InputError {
        Path dumped = directory.resolve("qemu.dtb");
        String line =
                " -nographic -machine dumpdtb="
                        + dumped
                        + " "
                        + CommandLines.withFlash(options, directory);
        QemuVersion release = CommandLines.release();
        Trees.run((CommandLines.qemu() + line).split(" "));
        FirmwareLab.Report ours = Trees.build("qemu-system-aarch64" + line, release.toString());
        byte[] tree = Trees.file(ours, "virt.dtb");
        assertThat(Trees.normalised("dtb", tree, directory))
                .isEqualTo(Trees.normalised("dtb", Files.readAllBytes(dumped), directory));
        assertThat(Trees.warnings(tree, directory))
                .isEqualTo(Trees.warnings(Files.readAllBytes(dumped), directory));
    }

    @Test
    void firmwareIsShownAnAcceleratedSmmuThatAKernelIsNot() throws IOException, InputError {
        String accelerated =
                Runs.KVM
                        + " -device arm-smmuv3,primary-bus=pcie.0,id=s0,accel=on"
                        + " -device pcie-root-port,id=rp,bus=pcie.0,chassis=1"
                        + " -device vfio-pci,host=0009:01:00.0,bus=rp,iommufd=iommufd0";
        String tree =
                Trees.normalised(
                        "dtb",
                        Trees.file(
                                Trees.build(accelerated, FirmwareLab.Request.NEWEST), "virt.dtb"),
                        directory);
        assertThat(tree).contains("smmuv3@c000000", "iommu-map").doesNotContain("gpio-keys");
    }
}
