package dev.belfry.lab.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.belfry.lab.InputError;
import dev.belfry.lab.run.RunRequest.Doorbell;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Seeds, hosts, and what is said about input that cannot be used.
class DeterminismAndHostsTest {

    @Test
    void theSameInputGivesTheSameReport() throws Exception {
        assertThat(Runs.run(Runs.ONE_DEVICE)).isEqualTo(Runs.run(Runs.ONE_DEVICE));
    }

    @Test
    void anotherSeedGivesOtherAddressesAndTheSameVerdicts() throws Exception {
        RunReport one = Runs.run(Runs.ONE_DEVICE);
        RunReport two = Runs.run(new RunRequest.Options(Doorbell.DIRECT, true, 2), Runs.ONE_DEVICE);

        assertThat(two.allWell()).isTrue();
        assertThat(two.vectors().getFirst().hops()).isNotEqualTo(one.vectors().getFirst().hops());
        assertThat(two.vectors()).hasSameSizeAs(one.vectors());
    }

    @ParameterizedTest
    @CsvSource({"grace, 0009:01:00.0, smmuv3.1", "kunpeng920, 0000:75:00.1, smmuv3.1"})
    void presetsCarryAMachine(String preset, String bdf, String smmu) throws Exception {
        RunReport report =
                Runs.onHost(preset, Runs.KVM + Runs.accelerated(1, 8) + Runs.device(bdf, 1));

        assertThat(report.allWell()).isTrue();
        assertThat(report.machine().host()).contains(preset);
        assertThat(report.devices().getFirst().smmu()).contains(smmu);
    }

    @Test
    void aDeviceThatTheHostLacksIsNamedWithThoseThatItHas() {
        InputError error = refused("grace", Runs.ONE_DEVICE.replace("0009:01", "0009:77"));

        assertThat(error.text()).contains("0009:77:00.0", "0009:01:00.0");
    }

    @ParameterizedTest
    @CsvSource({
        "size: 16G, size: 64M, 6",
        "smmu: smmu0, smmu: other, 19",
        "msix: 2048, msix: 4096, 17",
        "size: 32M, size: 33M, 16",
        "identity: grace, identity: unheard, 9",
        "name: smmu0, nam: smmu0, 9",
        "cpus: 8, cpus: 0, 5",
        "kernel: 6.19, kernel: 5.4, 3"
    })
    void aBadHostIsRefusedAtItsLine(String good, String bad, int line, @TempDir Path folder)
            throws Exception {
        Path example = ExampleRunsTest.HOME.resolve("examples/hosts/many-vectors.yaml");
        Path file = folder.resolve("bad.yaml");
        Files.writeString(file, Files.readString(example).replaceFirst(good, bad));

        InputError error = refused(file.toString(), Runs.ONE_DEVICE);

        assertThat(error.text()).contains("bad.yaml:" + line + ":").doesNotContain("\n");
    }

    @Test
    void aDeviceWithMsiAloneReachesItsGuestThroughTheHost(@TempDir Path folder) throws Exception {
        Path example = ExampleRunsTest.HOME.resolve("examples/hosts/many-vectors.yaml");
        Path file = folder.resolve("msi.yaml");
        Files.writeString(
                file,
                Files.readString(example)
                        .replace("0005:01:00.0", "0009:01:00.0")
                        .replace("msix: 2048", "msix: 0")
                        .replace("    msix-bar: 2\n", "    msi: 4\n"));

        RunReport report = Runs.onHost(file.toString(), Runs.ONE_DEVICE);

        assertThat(report.allWell()).isTrue();
        assertThat(report.vectors())
                .isNotEmpty()
                .allSatisfy(v -> {
                    assertThat(v.way().gsi()).as("a KVM route").isPresent();
                    assertThat(v.way().hostLpi()).as("a physical vector").isPresent();
                });
    }

    @Test
    void aHostThatIsNoFileIsRefusedWithThePresets() {
        InputError error = refused("nowhere.yaml", Runs.ONE_DEVICE);

        assertThat(error.text() + error.fix()).contains("nowhere.yaml", "grace", "kunpeng920");
    }

    @Test
    void aHostWithTooLittleMemoryRefusesTheGuestsRam() {
        InputError error = refused("grace", Runs.ONE_DEVICE.replace("-m 512M", "-m 900G"));

        assertThat(error.text()).contains("-m");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "accel=kvm|accel=tcg|kvm",
                "bus=rp1|bus=rp9|rp9",
                "iommufd=iommufd0|iommufd=other|other",
                "accel=on|accel=perhaps|accel",
                "host=0009:01:00.0|host=banana|banana",
                "-m 512M|-m 16M|-m",
                "vfio-pci|vfio-pcj|vfio-pci",
                "virt,|nonsense,|nonsense",
            })
    void aRefusalNamesTheOption(String good, String bad, String named) {
        InputError error =
                catchThrowableOfType(
                        InputError.class, () -> Runs.run(Runs.ONE_DEVICE.replaceFirst(good, bad)));

        assertThat(error).isNotNull();
        assertThat(error.text() + error.fix()).containsIgnoringCase(named).doesNotContain("\n");
    }

    @Test
    void anEmulatedEndpointBehindAnAcceleratedSmmuIsRefused() {
        for (String driver : List.of("nvme,serial=a", "e1000e", "virtio-net-pci", "edu")) {
            InputError error =
                    catchThrowableOfType(
                            InputError.class,
                            () ->
                                    Runs.run(
                                            Runs.KVM
                                                    + Runs.accelerated(1, 8)
                                                    + " -device "
                                                    + driver
                                                    + ",bus=rp1"));

            assertThat(error).as(driver).isNotNull();
            assertThat(error.text()).as(driver).contains("smmuv3.1");
        }
    }

    private static InputError refused(String host, String line) {
        InputError error = catchThrowableOfType(InputError.class, () -> Runs.onHost(host, line));
        assertThat(error).isNotNull();
        return error;
    }
}
