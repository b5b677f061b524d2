package dev.belfry.lab.check;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.host.description.HostDescription;
import dev.belfry.host.uapi.KernelVersion;
import dev.belfry.lab.Progress;
import dev.belfry.lab.run.DryRun;
import dev.belfry.vmm.check.CheckedMachine;
import dev.belfry.vmm.cmdline.Position;
import dev.belfry.vmm.input.Launches;
import dev.belfry.vmm.machine.MachineDescription;
import dev.belfry.vmm.machine.Problem;
import dev.belfry.vmm.machine.Severity;
import dev.belfry.vmm.rule.About;
import dev.belfry.vmm.rule.run.RunRules;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// What a run alone shows: each finding on a machine that loses something, where no rule has said
/// so before, and none on the same machine put right.
class RunRulesTest {

    private static final String WELL =
            "qemu-system-aarch64 -nodefaults -bios f -machine virt,accel=kvm,gic-version=3"
                    + " -cpu host -m 1G -object iommufd,id=i0 -device pxb-pcie,id=p1,bus_nr=8,bus=pcie.0"
                    + " -device arm-smmuv3,id=s1,primary-bus=p1,accel=on,ril=off,ats=off,oas=44,ssidsize=0"
                    + " -device pcie-root-port,id=rp1,bus=p1,chassis=1"
                    + " -device vfio-pci,host=0002:01:00.0,bus=rp1,iommufd=i0";
    private static final String SMMU =
            " -device arm-smmuv3,id=s1,primary-bus=p1,accel=on,ril=off,ats=off,oas=44,ssidsize=0";

    /// A machine in which something is lost, and why.
    ///
    /// @param rule that tells of it
    /// @param text of the command line
    /// @param host where it runs
    record Losing(String rule, String text, HostDescription host) {
        @Override
        public String toString() {
            return rule;
        }
    }

    static List<Losing> losing() {
        HostDescription grace = HostDescription.preset("grace");
        return List.of(
                // The SMMU is made behind the device: the guest's translations reach nobody.
                new Losing("RUN-DMA", WELL.replace(SMMU, "") + SMMU, grace),
                new Losing(
                        "RUN-INTERRUPT",
                        "qemu-system-aarch64 -nodefaults -bios f -machine virt,gic-version=3 -m 1G"
                                + " -device arm-smmuv3,primary-bus=pcie.0"
                                + " -device arm-smmuv3,primary-bus=pcie.0"
                                + " -device nvme,serial=1,bus=pcie.0",
                        grace),
                // A GPU's BAR of 128 GiB has no window.
                new Losing(
                        "RUN-DEVICE",
                        WELL.replace("0002:01:00.0", "0009:01:00.0")
                                .replace("virt,", "virt,highmem-mmio=off,"),
                        grace),
                new Losing("RUN-REFUSED", WELL, grace.withKernel(new KernelVersion(6, 16))));
    }

    private static List<Problem> run(String text, HostDescription host) {
        MachineDescription machine =
                CheckedMachine.read(Launches.read(text).commandLine()).machine();
        return CheckLab.findings(
                new CheckedMachine(machine, List.of()), DryRun.of(machine, Optional.of(host)));
    }

    @ParameterizedTest
    @MethodSource("losing")
    void aRunThatLosesSomethingSaysWhat(Losing losing) {
        assertThat(run(losing.text(), losing.host()))
                .filteredOn(p -> p.rule().equals(losing.rule()))
                .isNotEmpty()
                .allSatisfy(p -> {
                    assertThat(p.message()).isNotBlank();
                    assertThat(p.fix()).isNotBlank();
                    assertThat(p.at().line()).isPositive();
                });
    }

    @Test
    void aRunThatLosesNothingSaysNothing() {
        assertThat(run(WELL, HostDescription.preset("grace"))).isEmpty();
    }

    @Test
    void aFaultOfTheIortIsLostWhereADeviceMeetsItAndAWarningElsewhere() {
        MachineDescription machine =
                CheckedMachine.read(Launches.read(WELL).commandLine()).machine();
        CheckedMachine right = new CheckedMachine(machine, List.of());
        Position at = machine.pci().inOrder().getLast().plugged().at();
        String twice = "root complex of segment 0 maps id 0x300 twice";
        DryRun.Loss met =
                new DryRun.Loss(
                        at, "p1", DryRun.Kind.ID_MAP, "the IORT maps 09:00.0 2 times", List.of());

        assertThat(CheckLab.findings(right, ran(List.of(met), List.of(twice))))
                .singleElement()
                .satisfies(p -> {
                    assertThat(p.rule()).isEqualTo("IORT-MAP");
                    assertThat(p.severity()).isEqualTo(Severity.LOST);
                    assertThat(p.at()).isEqualTo(at);
                });
        assertThat(CheckLab.findings(right, ran(List.of(), List.of(twice))))
                .singleElement()
                .satisfies(p -> {
                    assertThat(p.rule()).isEqualTo("IORT-MAP");
                    assertThat(p.severity()).isEqualTo(Severity.WARNING);
                    assertThat(p.message()).contains(twice);
                });
        assertThat(CheckLab.findings(right, ran(List.of(), List.of()))).isEmpty();
    }

    private static DryRun ran(List<DryRun.Loss> losses, List<String> maps) {
        return new DryRun(losses, Optional.empty(), "", 2, 2, maps);
    }

    @Test
    void aFileThatIsTooLargeToBeReadIsAFinding(@TempDir Path folder) throws Exception {
        try (RandomAccessFile large =
                new RandomAccessFile(folder.resolve("large.args").toFile(), "rw")) {
            large.setLength(1L << 30);
        }
        Files.writeString(folder.resolve("well.args"), WELL);

        List<CheckReport> reports = FolderLab.check(folder, Conditions.ANY, Progress.NONE);

        assertThat(reports.getFirst().findings())
                .extracting(Finding::rule)
                .containsExactly("FILE-UNREAD");
        assertThat(reports.getLast().findings()).isEmpty();
    }

    @Test
    void everyRuleOfARunHasAnExample() {
        Set<String> shown = new TreeSet<>(Set.of("IORT-MAP", "FILE-UNREAD"));
        losing().forEach(l -> shown.add(l.rule()));

        assertThat(shown).isEqualTo(new TreeSet<>(RunRules.all().stream().map(About::id).toList()));
    }
}
