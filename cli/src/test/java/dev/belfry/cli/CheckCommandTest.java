package dev.belfry.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.cli.text.RulesPage;
import dev.belfry.lab.check.RuleInfo;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

class CheckCommandTest {

    private static final Path ROOT = Path.of(System.getProperty("belfry.root", ".."));
    private static final String RIGHT = ROOT.resolve("examples/grace-one-gpu.args").toString();

    private static Ran check(String... args) {
        List<String> all = new ArrayList<>(List.of("check"));
        all.addAll(Arrays.asList(args));
        return Ran.belfry(all.toArray(String[]::new));
    }

    private static String failing(String name) {
        return ROOT.resolve("examples/failing").resolve(name + ".args").toString();
    }

    @Test
    void whatWorksSaysSoInOneSentence() {
        Ran o = check(RIGHT);

        assertThat(o.status()).isZero();
        assertThat(o.out().lines().findFirst().orElseThrow()).startsWith("This will work");
        assertThat(o.err()).isEmpty();
    }

    @Test
    void aFindingPointsAtItsPlaceWithWhatToWrite() {
        Ran o = check(failing("no-iommufd"));

        assertThat(o.status()).isEqualTo(1);
        assertThat(o.out())
                .contains("error VFIO-IOMMUFD: vfio-pci endpoint devices without an iommufd")
                .contains("no-iommufd.args:11:5")
                .contains("fix   add iommufd=iommufd0");
        List<String> lines = o.out().lines().toList();
        int carets =
                lines.indexOf(
                        lines.stream().filter(l -> l.contains("^^^")).findFirst().orElseThrow());
        // Of several findings, the one about the device.
        assertThat(lines.get(carets - 1).substring(lines.get(carets).indexOf('^')))
                .matches("-(device vfio-pci|object iommufd).*");
    }

    @Test
    void jsonHasTheDocumentedShape() {
        Ran o = check("--json", failing("smmu-after-device"));

        assertThat(o.status()).isEqualTo(1);
        JsonNode root = o.json();
        assertThat(root.get("command").asString()).isEqualTo("check");
        assertThat(root.get("verdict").asString()).isEqualTo("lost");
        JsonNode finding = root.get("findings").get(0);
        assertThat(finding.propertyNames())
                .contains("rule", "severity", "phase", "at", "message", "why", "source", "fix");
        assertThat(finding.get("severity").asString()).isEqualTo("lost");
        assertThat(finding.get("at").propertyNames()).containsExactly("line", "column", "text");
        assertThat(root.get("run").get("losses").get(0).get("sentence").asString()).isNotEmpty();
    }

    @Test
    void sarifHasWhatItsSchemaDemands() {
        Ran o = check("--sarif", failing("mixed-iommufds"));

        JsonNode root = o.json();
        assertThat(root.get("version").asString()).isEqualTo("2.1.0");
        JsonNode run = root.get("runs").get(0);
        JsonNode driver = run.get("tool").get("driver");
        assertThat(driver.get("name").asString()).isEqualTo("belfry");
        assertThat(run.get("results").size()).isPositive();
        for (JsonNode result : run.get("results")) {
            JsonNode rule = driver.get("rules").get(result.get("ruleIndex").asInt());
            assertThat(rule.get("id").asString()).isEqualTo(result.get("ruleId").asString());
            assertThat(result.get("level").asString()).isIn(Set.of("error", "warning", "note"));
            assertThat(result.get("message").get("text").asString()).isNotBlank();
            JsonNode place = result.get("locations").get(0).get("physicalLocation");
            assertThat(place.get("artifactLocation").get("uri").asString()).endsWith(".args");
            assertThat(place.get("region").get("startLine").asInt()).isPositive();
            assertThat(place.get("region").get("startColumn").asInt()).isPositive();
        }
    }

    @Test
    void sarifOfWhatWorksHasNoResults() {
        assertThat(check("--sarif", RIGHT).json().get("runs").get(0).get("results")).isEmpty();
    }

    @Test
    void fixPrintsACommandLineThatChecksWell(@TempDir Path folder) throws IOException {
        for (String name :
                List.of(
                        "no-iommufd",
                        "smmu-after-device",
                        "draft-spelling",
                        "no-firmware",
                        "typo",
                        "mixed-iommufds",
                        "two-smmus-one-bus",
                        "bus-numbers")) {
            Ran o = check("--fix", failing(name));
            Path repaired = folder.resolve(name + ".args");
            Files.writeString(repaired, o.out());

            assertThat(o.status()).as(name + o.err() + o.out()).isZero();
            assertThat(check("--json", repaired.toString()).json().get("verdict").asString())
                    .as(name)
                    .isEqualTo("ok");
            // Comments and line breaks stay.
            assertThat(o.out()).startsWith("# ").contains(" \\\n    -device pxb-pcie");
        }
    }

    @Test
    void fixLeavesWhatIsRightAsItIs() throws IOException {
        assertThat(check("--fix", RIGHT).out()).isEqualTo(Files.readString(Path.of(RIGHT)));
    }

    @Test
    void fixSaysWhatItDidAndKeepsTheEndsOfLines(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("windows.args");
        Files.writeString(file, Files.readString(Path.of(failing("typo"))).replace("\n", "\r\n"));

        Ran o = check("--fix", file.toString());

        assertThat(o.err())
                .contains("before: refused", "; now: ok", "\n  mended PROPERTY-UNKNOWN: ");
        assertThat(o.out()).endsWith("\r\n");
        assertThat(o.out().replace("\r\n", "")).doesNotContain("\n");
    }

    @Test
    void whatFixCannotWriteInFullIsNotWell() {
        Writer full =
                new Writer() {
                    @Override
                    public void write(char[] text, int from, int count) throws IOException {
                        throw new IOException("No space left on device");
                    }

                    @Override
                    public void flush() {}

                    @Override
                    public void close() {}
                };
        StringWriter err = new StringWriter();
        Terminal t = new Terminal(new PrintWriter(full), new PrintWriter(err), false, false);

        assertThat(Main.execute(t, "check", "--fix", RIGHT)).isEqualTo(2);
        assertThat(err.toString()).startsWith("belfry: standard output could not be written");
    }

    @Test
    void fixPrintsNothingWhereNothingCanBeRead(@TempDir Path folder) throws IOException {
        Path open = Files.writeString(folder.resolve("open.sh"), "qemu-system-aarch64 -name 'a");
        Path bytes = folder.resolve("latin.sh");
        Files.write(bytes, "# f\u00fcr\nqemu-system-aarch64".getBytes(StandardCharsets.ISO_8859_1));

        for (String[] words :
                new String[][] {
                    {open.toString()}, {bytes.toString()}, {"--json", RIGHT}, {"--sarif", RIGHT}
                }) {
            Ran o =
                    check(
                            Stream.concat(Stream.of("--fix"), Stream.of(words))
                                    .toArray(String[]::new));
            assertThat(o.status()).as(o.err()).isEqualTo(2);
            assertThat(o.out()).isEmpty();
            assertThat(o.err()).startsWith("belfry: ");
        }
    }

    @Test
    void aFolderGivesItsFilesAndASummary() {
        Ran o = check("--json", ROOT.resolve("examples/failing").toString());

        assertThat(o.status()).isEqualTo(1);
        JsonNode root = o.json();
        assertThat(root.get("files").size()).isEqualTo(root.get("summary").get("files").asInt());
        assertThat(root.get("files").get(0).propertyNames())
                .contains("file", "verdict", "findings");
    }

    @Test
    void wrongInputIsOneMessageAndStatusTwo() {
        for (String[] args :
                new String[][] {
                    {},
                    {"no-such-file"},
                    {"--qemu-version", "9.0", RIGHT},
                    {"--kernel", "new", RIGHT},
                    {"--host", "nowhere", RIGHT},
                    {"--explain", "NO-SUCH-RULE"}
                }) {
            Ran o = check(args);
            assertThat(o.status()).as(String.join(" ", args)).isEqualTo(2);
            assertThat(o.out()).isEmpty();
            assertThat(o.err()).startsWith("belfry: ");
        }
    }

    @Test
    void whatNoMachineCanBeMadeOfIsAFindingAndStatusTwo(@TempDir Path folder) throws IOException {
        Path dtd = folder.resolve("dtd.xml");
        Files.writeString(dtd, "<!DOCTYPE d [<!ENTITY a 'x'>]><domain><name>&a;</name></domain>");
        Ran o = check(dtd.toString());
        assertThat(o.status()).isEqualTo(2);
        assertThat(o.out()).contains("error XML-DTD: ").contains("dtd.xml:1:1");

        Path open = folder.resolve("open.args");
        Files.writeString(open, "qemu-system-aarch64 -M virt -append 'x");
        assertThat(check(open.toString()).status()).isEqualTo(2);
        assertThat(check(folder.toString()).status()).isEqualTo(1);
    }

    @Test
    void aRuleIsExplained() {
        Ran o = check("--explain", "smmu-accel-kvm");

        assertThat(o.status()).isZero();
        assertThat(o.out()).contains("SMMU-ACCEL-KVM", "QEMU hw/arm/virt.c");
    }

    @Test
    void everyRuleIsListed() {
        assertThat(check("--rules").out().lines()).hasSameSizeAs(RuleInfo.all());
    }

    @Test
    void thePageOfRulesIsNotStale() throws IOException {
        assertThat(Files.readString(ROOT.resolve("docs/rules.md")))
                .as("run: ./belfry check --rules --markdown > docs/rules.md")
                .isEqualTo(RulesPage.markdown(RuleInfo.all()));
    }
}
