package dev.belfry.lab.check;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.lab.InputError;
import dev.belfry.vmm.input.Launch;
import dev.belfry.vmm.input.Launches;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// What nobody means is bounded: what is read, what is told, and what is run. Counted, not timed.
class LimitsTest {

    private static final String MACHINE =
            "qemu-system-aarch64 -M virt,gic-version=3 -accel kvm -cpu host -m 1G -nodefaults ";
    private static final int MOST_OPTIONS = 4096;

    private static CheckReport check(String text) throws InputError {
        return new CheckLab(Conditions.ANY).check("x", Launches.read(text));
    }

    private static String numbered(int count, IntFunction<String> one) {
        return IntStream.range(0, count).mapToObj(one).collect(Collectors.joining(" "));
    }

    @Test
    void theSameFindingIsToldAHundredTimesAndThenCounted() throws InputError {
        CheckReport report = check(MACHINE + numbered(1_000, i -> "-device nosuch" + i));

        assertThat(report.findings())
                .filteredOn(f -> f.rule().equals("DEVICE-UNKNOWN"))
                .hasSize(100)
                .allMatch(f -> f.level() == Level.ERROR);
        Finding more = report.findings().getLast();
        assertThat(more.rule()).isEqualTo("FINDINGS-LIMIT");
        assertThat(more.message())
                .isEqualTo("DEVICE-UNKNOWN: 900 more, of which this is the first");
        assertThat(more.text()).isEqualTo("-device nosuch100");
        assertThat(report.findings()).hasSize(101);
    }

    @Test
    void anErrorIsNotHiddenBehindAHundredOthers() throws InputError {
        CheckReport report =
                check(MACHINE + numbered(200, i -> "-device nosuch" + i) + " -object iommufd");

        assertThat(report.findings()).extracting(Finding::rule).contains("OBJECT-ID");
    }

    @Test
    void noMoreThan4096OptionsAreRead() {
        Launch launch = Launches.read(MACHINE + numbered(10_000, i -> "-device edu,id=e" + i));

        assertThat(launch.commandLine().options()).hasSize(MOST_OPTIONS);
        assertThat(launch.problems())
                .singleElement()
                .satisfies(p -> {
                    assertThat(p.rule()).isEqualTo("OPTIONS-LIMIT");
                    assertThat(p.message()).contains("4,096");
                });
    }

    @Test
    void aDomainThatAsksForTwoMillionInitiatorsGivesNoMoreEither() {
        String hostdev =
                "<hostdev type='pci'><source><address bus='1' slot='0'/></source>"
                        + "<acpi nodeset='0-1023'/></hostdev>";
        Launch launch =
                Launches.read("<domain><devices>" + hostdev.repeat(2_000) + "</devices></domain>");

        assertThat(launch.commandLine().options()).hasSize(MOST_OPTIONS);
        assertThat(launch.problems()).extracting(p -> p.rule()).contains("XML-LIMIT");
    }

    @Test
    void aMachineOfMoreFunctionsThanAreTriedIsCheckedAndNotRun() throws InputError {
        String ports =
                numbered(
                        192,
                        i ->
                                "-device pcie-root-port,id=p%d,chassis=%d,addr=%x.%d,multifunction=on"
                                        .formatted(i, i + 1, 1 + i / 8, i % 8));
        String devices =
                numbered(
                        192 * 3,
                        i ->
                                "-device edu,bus=p%d,addr=0.%d,multifunction=on"
                                        .formatted(i / 3, i % 3));

        CheckReport report = check(MACHINE + ports + " " + devices);

        assertThat(report.verdict()).isEqualTo(Verdict.OK);
        assertThat(report.run().orElseThrow().unable())
                .isEqualTo("769 PCI functions are more than are tried (512)");
    }

    @Test
    void aMessageNamesTheFirstControllersOfMany() {
        String controllers =
                IntStream.range(1, 200)
                        .mapToObj(i ->
                                "<controller type='pci' index='%d' model='pcie-root-port'/>"
                                        .formatted(i))
                        .collect(Collectors.joining());
        List<String> fixes =
                Launches.read(
                                "<domain><devices>"
                                        + controllers
                                        + "<iommu model='smmuv3'><driver pciBus='250'/></iommu>"
                                        + "</devices></domain>")
                        .problems()
                        .stream()
                        .filter(p -> p.rule().equals("XML-PCIBUS"))
                        .map(p -> p.fix())
                        .toList();

        assertThat(fixes).singleElement().asString().endsWith("12 (pcie-root-port), …");
    }
}
