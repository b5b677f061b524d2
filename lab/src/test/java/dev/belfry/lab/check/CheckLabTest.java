package dev.belfry.lab.check;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.host.description.HostDescription;
import dev.belfry.lab.InputError;
import dev.belfry.lab.InputFile;
import dev.belfry.lab.Progress;
import dev.belfry.lab.run.HostChoice;
import dev.belfry.vmm.check.Terms;
import dev.belfry.vmm.input.Launches;
import dev.belfry.vmm.version.QemuVersion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class CheckLabTest {

    private static final Path EXAMPLES =
            Path.of(System.getProperty("belfry.root", ".."), "examples");
    private static final Pattern EXPECT =
            Pattern.compile("# expect: (?<rule>[A-Z0-9-]+) (?<severity>error|lost|warning)");
    private static final Pattern HOST = Pattern.compile("# host: (?<host>\\S+)");
    private static final String WELL =
            "qemu-system-aarch64 -nodefaults -bios f -machine virt,accel=kvm,gic-version=3"
                    + " -cpu host -m 1G -object iommufd,id=i0 -device pxb-pcie,id=p1,bus_nr=8,bus=pcie.0"
                    + " -device arm-smmuv3,id=s1,primary-bus=p1,accel=on,ril=off"
                    + " -device pcie-root-port,id=rp1,bus=p1,chassis=1"
                    + " -device vfio-pci,host=0009:01:00.0,bus=rp1,iommufd=i0";

    private static CheckReport check(String text, Terms terms) {
        return new CheckLab(terms).check("test", Launches.read(text));
    }

    private static CheckReport check(String text) {
        return check(text, Terms.ANY_HOST);
    }

    static List<Path> examples() throws IOException {
        return files(EXAMPLES);
    }

    static List<Path> failing() throws IOException {
        return files(EXAMPLES.resolve("failing"));
    }

    private static List<Path> files(Path folder) throws IOException {
        try (Stream<Path> all = Files.list(folder)) {
            return all.filter(f -> f.toString().endsWith(".args")).sorted().toList();
        }
    }

    @ParameterizedTest
    @MethodSource("examples")
    void whatRunsWellChecksWell(Path file) throws InputError {
        CheckReport report = check(InputFile.read(file));

        assertThat(report.verdict())
                .isEqualTo(file.endsWith("msi-off.args") ? Verdict.WARNING : Verdict.OK);
        assertThat(report.run().orElseThrow().losses()).isEmpty();
        assertThat(report.run().orElseThrow().transfers()).isPositive();
    }

    @ParameterizedTest
    @MethodSource("failing")
    void whatFailsOnPurposeFailsAsItsHeaderSays(Path file) throws InputError {
        String text = InputFile.read(file);
        Matcher expected = EXPECT.matcher(text);
        Matcher host = HOST.matcher(text);
        assertThat(expected.find()).as("# expect: in %s", file).isTrue();
        Terms terms = host.find() ? Terms.on(HostChoice.named(host.group("host"))) : Terms.ANY_HOST;

        CheckReport report = check(text, terms);

        assertThat(report.findings())
                .filteredOn(p -> p.rule().equals(expected.group("rule")))
                .as(file + ": " + report.findings())
                .isNotEmpty()
                .allSatisfy(p -> assertThat(p.level().key()).isEqualTo(expected.group("severity")));
        assertThat(report.findings())
                .filteredOn(p -> p.level() == Level.ERROR || p.level() == Level.LOST)
                .extracting(Finding::rule)
                .containsOnly(
                        expected.group("severity").equals("warning")
                                ? new String[0]
                                : new String[] {expected.group("rule")});
    }

    @Test
    void thereAreExamplesThatFail() throws IOException {
        assertThat(failing()).hasSizeGreaterThan(7);
    }

    @Test
    void allFindingsAreToldInQemusOrder() {
        String text =
                WELL.replace("iommufd=i0", "rombar=0")
                        .replace("bus=rp1", "bus=rp1,x-vpasid-cap-offset=1")
                        .replace("ril=off", "ril=off,stage=2,ssidsize=25");
        // The property itself refuses 25 before the device looks at its stage.

        assertThat(check(text).findings())
                .extracting(Finding::rule)
                .containsExactly(
                        // That no device uses the iommufd follows from VFIO-IOMMUFD.
                        "PROPERTY-VALUE", "SMMU-ACCEL-STAGE", "VFIO-IOMMUFD", "VPASID-OFFSET");
    }

    @Test
    void aLostFindingIsAJourneyThatWasSeenToFail() {
        String late =
                WELL.replace("-device arm-smmuv3,id=s1,primary-bus=p1,accel=on,ril=off ", "")
                        + " -device arm-smmuv3,id=s1,primary-bus=p1,accel=on,ril=off,ats=off,oas=44,ssidsize=0";

        CheckReport report = check(late);

        assertThat(report.verdict()).isEqualTo(Verdict.LOST);
        assertThat(report.findings())
                .filteredOn(p -> p.level() == Level.LOST)
                .singleElement()
                .satisfies(p -> {
                    assertThat(p.rule()).isEqualTo("VFIO-BEFORE-SMMU");
                    assertThat(p.why()).contains("seen in a run on the model");
                });
        assertThat(report.run().orElseThrow().losses()).isNotEmpty();
    }

    @Test
    void whatNoJourneyFailedByIsAWarning() {
        // No firmware reserves so much where nobody needs it, and the device has room.
        CheckReport report = check(WELL.replace("chassis=1", "chassis=1,pref64-reserve=1T"));

        assertThat(report.findings()).extracting(Finding::rule).containsExactly("BAR-SPACE");
        assertThat(report.verdict()).isEqualTo(Verdict.WARNING);
    }

    @ParameterizedTest
    @ValueSource(ints = {13, 14, 15, 16, 17, 18})
    void kernelsBefore619RefuseInTheRunAsTheRuleSays(int minor) {
        HostDescription host =
                HostDescription.preset("grace")
                        .withKernel(new dev.belfry.host.uapi.KernelVersion(6, minor));
        CheckReport ruled = check(WELL, Terms.on(host));
        assertThat(ruled.findings()).extracting(Finding::rule).containsExactly("KERNEL-GBPA");

        var machine =
                dev.belfry.vmm.check.CheckedMachine.read(Launches.read(WELL).commandLine())
                        .machine();
        var run = dev.belfry.lab.run.DryRun.of(machine, Optional.of(host));
        assertThat(run.refusal()).isPresent();
    }

    @Test
    void whatIsOnWithoutBeingAskedForDependsOnTheRelease() {
        HostDescription grace = HostDescription.preset("grace");
        String text = WELL.replace(",ril=off", "");
        assertThat(
                        check(
                                        text,
                                        new Terms(
                                                QemuVersion.V11_0,
                                                Optional.of(grace),
                                                Optional.empty()))
                                .findings())
                .extracting(Finding::rule)
                .containsExactly("HOST-RIL");
        assertThat(check(text, Terms.on(grace)).verdict()).isEqualTo(Verdict.OK);
    }

    @Test
    void aFolderIsCheckedFileByFile(@TempDir Path folder) throws Exception {
        Files.writeString(folder.resolve("b.sh"), WELL);
        Files.writeString(folder.resolve("a.args"), WELL.replace("accel=kvm", "accel=tcg"));
        Files.createDirectory(folder.resolve("sub"));
        Files.writeString(folder.resolve("sub/c.xml"), "<domain");
        Files.writeString(folder.resolve("sub/readme.txt"), "not looked at");

        List<CheckReport> reports = FolderLab.check(folder, Conditions.ANY, Progress.NONE);

        assertThat(reports)
                .extracting(CheckReport::name)
                .containsExactly("a.args", "b.sh", Path.of("sub", "c.xml").toString());
        assertThat(reports)
                .extracting(CheckReport::verdict)
                .containsExactly(Verdict.REFUSED, Verdict.OK, Verdict.REFUSED);
        assertThat(reports.getLast().findings())
                .extracting(Finding::rule)
                .containsExactly("XML-SYNTAX");
    }
}
