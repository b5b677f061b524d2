package dev.belfry.vmm.machine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.vmm.check.CheckedMachine;
import dev.belfry.vmm.cmdline.CommandLine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ExamplesTest {

    private static final Path EXAMPLES =
            Path.of(System.getProperty("belfry.root", ".."), "examples");

    static Stream<Path> examples() throws IOException {
        try (Stream<Path> files = Files.list(EXAMPLES)) {
            return files.filter(f -> f.toString().endsWith(".args")).sorted().toList().stream();
        }
    }

    private static MachineDescription machine(String name) throws IOException {
        return CheckedMachine.accepted(
                CommandLine.parseText(Files.readString(EXAMPLES.resolve(name))));
    }

    @ParameterizedTest
    @MethodSource("examples")
    void everyExampleStartsAndLosesNothing(Path file) throws IOException {
        CheckedMachine reading = CheckedMachine.read(CommandLine.parseText(Files.readString(file)));

        assertThat(reading.problems())
                .filteredOn(p -> p.severity() == Severity.ERROR || p.severity() == Severity.LOST)
                .isEmpty();
        assertThat(reading.problems())
                .filteredOn(p -> p.severity() == Severity.WARNING)
                .extracting(Problem::rule)
                .isEqualTo(file.endsWith("msi-off.args") ? List.of("MSI-NONE") : List.of());
    }

    @Test
    void thereAreExamples() throws IOException {
        assertThat(examples()).hasSizeGreaterThan(14);
    }

    @Test
    void twoGpusAreTwoGroups() throws IOException {
        assertThat(machine("grace-two-gpus.args").vfioGroups())
                .extracting(g -> g.devices().size())
                .containsExactly(1, 1);
    }

    @Test
    void eightDevicesAreOne() throws IOException {
        assertThat(machine("eight-devices.args").vfioGroups())
                .singleElement()
                .satisfies(g -> assertThat(g.devices()).hasSize(8));
    }

    @Test
    void theSwitchIsThreeBridgesDeep() throws IOException {
        PciTopology pci = machine("behind-a-switch.args").pci();

        assertThat(pci.vfio()).extracting(v -> v.plugged().bus()).containsExactly("down1", "down2");
        assertThat(pci.find("down2").orElseThrow().plugged().devfn()).isEqualTo(8);
        assertThat(pci.rootOf(pci.vfio().getLast()).name()).isEqualTo("pcie.1");
    }

    @Test
    void memoryNodesOfAGpu() throws IOException {
        assertThat(machine("nicolin-hmat.args").numa())
                .extracting(n -> n.initiators().size())
                .containsExactly(0, 0, 1, 1, 1, 1, 1, 1, 1, 1);
    }

    @Test
    void gicv2mAndNoMsi() throws IOException {
        assertThat(machine("gicv2m.args").gic()).isEqualTo(new Gic(2, MsiController.GICV2M));
        assertThat(machine("msi-off.args").gic()).isEqualTo(new Gic(3, MsiController.NONE));
    }
}
