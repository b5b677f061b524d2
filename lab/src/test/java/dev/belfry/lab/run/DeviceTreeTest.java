package dev.belfry.lab.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.belfry.lab.InputError;
import dev.belfry.vmm.version.QemuVersion;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The whole device tree, handles included, against what real QEMUs give their guests.
class DeviceTreeTest {

    private static final String CAPTURED = "7.2";
    private static final String NUMA =
            " -smp 4,sockets=2,cores=2 -m 2G"
                    + " -object memory-backend-ram,id=m0,size=1536M"
                    + " -object memory-backend-ram,id=m1,size=512M"
                    + " -numa node,nodeid=0,memdev=m0,cpus=0-1"
                    + " -numa node,nodeid=1,memdev=m1,cpus=2-3 -numa node,nodeid=2"
                    + " -numa dist,src=0,dst=1,val=20 -numa dist,src=0,dst=2,val=30"
                    + " -numa dist,src=1,dst=2,val=40";

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

    @ParameterizedTest
    @ValueSource(
            strings = {
                "-M virt",
                "-M virt,gic-version=3,iommu=smmuv3 -cpu max -smp 3",
                "-M virt,secure=on,gic-version=3 -cpu max -smp 3",
                "-M virt,secure=on,virtualization=on,gic-version=max -cpu max",
                "-M virt,virtualization=on,gic-version=4 -cpu max -smp 100",
                "-M virt,virtualization=on,gic-version=2 -cpu cortex-a57 -smp 8",
                "-M virt,virtualization=on,gic-version=3 -cpu neoverse-n1 -serial null -serial"
                        + " null",
                "-M virt,gic-version=3,its=off -cpu a64fx -smp 4,sockets=1,clusters=2,threads=2",
                "-M virt,highmem=off,gic-version=3 -cpu cortex-a72 -m 2G",
                "-M virt,gic-version=3,dtb-randomness=off -cpu cortex-a76 -smp 150",
                "-M virt,gic-version=3 -cpu max,pmu=off -smp 2,maxcpus=8 -m 1G,slots=4,maxmem=600G",
                "-M virt-5.2 -cpu cortex-a53 -smp 6 -m 3G",
                "-M virt-4.1,gic-version=3 -cpu cortex-a57 -smp 2",
                "-M virt-2.12 -cpu cortex-a53 -m 1G",
                "-M virt-2.6 -cpu cortex-a53 -m 1G",
                "-M virt,gic-version=3 -cpu max -device virtio-iommu-pci,addr=5",
                "-M virt,gic-version=3,mte=on -cpu max"
                        + " -device pxb-pcie,id=pcie.1,bus_nr=8,bus=pcie.0,bypass_iommu=on"
                        + " -device pcie-root-port,id=rp,bus=pcie.1"
                        + " -device virtio-rng-pci,bus=rp",
                "-M virt,gic-version=3 -cpu max" + NUMA,
                "-M virt,gic-version=3,iommu=smmuv3 -cpu cortex-a53 -bios FLASH",
                "-M virt,gic-version=3,secure=on -cpu cortex-a53 -smp 2 -bios FLASH",
                "-M virt,acpi=off,gic-version=3 -cpu cortex-a53 -bios FLASH",
            })
    void theTreeIsTheOneThatTheQemuOnPathGives(String options) throws IOException, InputError {
        Path flash = Files.write(directory.resolve("flash"), new byte[64 << 20]);
        String line = options.replace("FLASH", flash.toString());
        Path dumped = directory.resolve("qemu.dtb");
        String command =
                "qemu-system-aarch64 -nodefaults -nographic -machine dumpdtb="
                        + dumped
                        + " "
                        + line;
        QemuVersion release = release();
        Trees.run(command.split(" "));
        FirmwareLab.Report ours = Trees.build(command, release.toString());
        assertThat(Trees.normalised("dtb", Trees.file(ours, "virt.dtb"), directory))
                .isEqualTo(Trees.normalised("dtb", Files.readAllBytes(dumped), directory));
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

    /// The version of the QEMU on PATH.
    static QemuVersion release() throws IOException {
        String says = Trees.run("qemu-system-aarch64", "--version");
        QemuVersion release =
                QemuVersion.of(says.replace("QEMU emulator version ", "")).orElseThrow();
        assumeTrue(release.isAtLeast(7, 2), "SKIPPED: this QEMU is older than what is known here");
        return release;
    }
}
