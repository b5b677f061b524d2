package dev.belfry.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// Files as they lie about, and where carets stand under them.
class CheckInputTest {

    private static final String RIGHT = "qemu-system-aarch64 -nodefaults -M virt,gic-version=3";

    @TempDir private Path folder = Path.of("");

    private static Ran check(Object... words) {
        return Ran.belfry(
                Stream.concat(Stream.of("check"), Arrays.stream(words).map(Object::toString))
                        .toArray(String[]::new));
    }

    private Path write(String name, String text) throws IOException {
        return Files.writeString(folder.resolve(name), text);
    }

    @Test
    void aFolderIsReadWhateverElseIsInIt() throws IOException {
        write("right.args", RIGHT);
        write("ünï code.sh", "#!/bin/sh\r\n" + RIGHT + " \\\r\n -smp 2\r\n");
        write("notes.txt", "'");
        Files.write(folder.resolve("bytes.args"), new byte[] {0, -1, -2, 27, '[', '2', 'J', '\''});
        Files.createDirectory(folder.resolve("folder.xml"));
        Files.createSymbolicLink(folder.resolve("loop"), folder);
        Files.createSymbolicLink(folder.resolve("dangling.xml"), Path.of("nowhere"));

        Ran json = check("--json", folder);
        assertThat(json.status()).isEqualTo(1);
        assertThat(json.json().get("files").findValuesAsString("file"))
                .containsExactly("bytes.args", "right.args", "ünï code.sh");
        assertThat(json.json().get("summary").get("ok").asInt()).isEqualTo(2);

        Ran text = check(folder);
        assertThat(text.out()).endsWith("3 files, 2 ok, 1 refused.\n".stripLeading());
        assertThat(text.out().chars().filter(c -> c == 27)).isEmpty();
    }

    @Test
    void aFolderWithNothingToCheckIsWrongInput() {
        Ran ran = check(folder);

        assertThat(ran.status()).isEqualTo(2);
        assertThat(ran.err()).contains("there is no .xml, .args or .sh below it");
    }

    @Test
    void aDomainIsReadAsVirshPrintsIt() throws IOException {
        String domain = "<domain type='kvm'><name>n</name></domain>\n";
        int bare = check(write("bare.xml", domain)).status();
        assertThat(bare).isNotEqualTo(2);
        for (String text :
                new String[] {
                    "warning: a b's c\n\n  " + domain,
                    "# virsh dumpxml n\n<?xml version='1.0'?>\n" + domain,
                    "<domstatus state='running'>" + domain + "</domstatus>",
                    "<domainsnapshot><name>s</name>" + domain + "</domainsnapshot>"
                }) {
            Ran ran = check("--json", write("wrapped.xml", text));
            assertThat(ran.status()).as(text + ran.out()).isEqualTo(bare);
            assertThat(ran.out()).doesNotContain("XML-", "OPTION-");
        }
        Ran two = check(write("two.xml", domain + "<?xml version='1.0'?>\n" + domain));
        assertThat(two.status()).isEqualTo(2);
        assertThat(two.out())
                .startsWith("This will not start: another domain begins here")
                .contains("two.xml:3:1", "a file of its own");
    }

    @Test
    void aScriptThatStartsNoQemuIsOneSentence() throws IOException {
        for (String text :
                new String[] {
                    "#!/bin/sh\ncp -r a b\nmake -j4 all\n",
                    "virsh define <<END\n" + "<domain/>\nEND\nvirsh start n\n",
                    "hello"
                }) {
            Ran ran = check("--json", write("other.sh", text));
            assertThat(ran.status()).as(text + ran.out()).isEqualTo(2);
            assertThat(ran.json().get("findings").findValuesAsString("rule"))
                    .containsExactly("QEMU-NONE");
        }
        Ran config = check(write("config.args", RIGHT + " -readconfig vm.cfg"));
        assertThat(config.status()).isEqualTo(1);
        assertThat(config.out()).contains("write its sections as options");
    }

    @Test
    void anEmptyNameIsNotTheWorkingDirectory() {
        assertThat(check("").status()).isEqualTo(2);
    }

    @Test
    void byteOrderMarksAndUtf16AreRead() throws IOException {
        for (var charset : List.of(StandardCharsets.UTF_16BE, StandardCharsets.UTF_16LE)) {
            Path file = folder.resolve("windows.args");
            Files.write(file, ("\ufeff" + RIGHT).getBytes(charset));
            assertThat(check(file).status()).as(charset.name()).isZero();
        }
        assertThat(check(write("bom.args", "\ufeff" + RIGHT)).status()).isZero();
    }

    @Test
    void caretsStandUnderWhatTheyAreAbout() throws IOException {
        assertCaret("\t-name 日本語 -device nosuch", "device nosuch", 14);
        assertCaret("-name e\u0301\u0301 -device nosuch", "device nosuch", 8);
        assertCaret("-name '\ud83d\ude00' -device nosuch", "device nosuch", 11);
        assertCaret("-name '\u001b[31m' -device nosuch", "device nosuch", 14);
        assertCaret("-name \"" + "日".repeat(200) + "\" -device nosuch", "device nosuch", -1);
    }

    /// @param column of the caret, or -1 where the line is cut
    private void assertCaret(String end, String under, int column) throws IOException {
        Ran ran = check(write("caret.args", RIGHT + " \\\r\n" + end + "\r\n"));
        List<String> lines = ran.out().lines().toList();
        int at = 0;
        while (!lines.get(at).strip().startsWith("^")) {
            at++;
        }
        int caret = lines.get(at).indexOf('^') - 4;
        String shown = lines.get(at - 1).substring(4);
        assertThat(shown).contains("-" + under).doesNotContain("\u001b").doesNotContain("\t");
        assertThat(lines.get(at).strip()).hasSize(under.length() + 1);
        if (column >= 0) {
            assertThat(caret).as(end).isEqualTo(column);
        }
    }

    /// What the schema of OASIS allows where it has `additionalProperties: false`, as far as it is
    /// used here; the whole schema is not part of this project.
    private static final Map<String, Set<String>> ALLOWED =
            Map.of(
                    "log", Set.of("$schema", "version", "runs", "properties"),
                    "run", Set.of("tool", "results", "columnKind", "artifacts", "invocations"),
                    "driver", Set.of("name", "version", "rules", "informationUri"),
                    "rule",
                            Set.of(
                                    "id",
                                    "name",
                                    "shortDescription",
                                    "fullDescription",
                                    "help",
                                    "helpUri",
                                    "defaultConfiguration",
                                    "properties"),
                    "result",
                            Set.of(
                                    "ruleId",
                                    "ruleIndex",
                                    "level",
                                    "kind",
                                    "message",
                                    "locations",
                                    "fixes",
                                    "properties"),
                    "region",
                            Set.of("startLine", "startColumn", "endLine", "endColumn", "snippet"));

    @Test
    void sarifHasNothingThatItsSchemaForbids() throws IOException {
        write("a b.args", RIGHT + " -device nosuch -device pcie-root-port,x=1");
        write("bad.xml", "<domain");

        JsonNode log = check("--sarif", folder).json();

        only("log", log);
        assertThat(log.get("version").asString()).isEqualTo("2.1.0");
        JsonNode run = log.get("runs").get(0);
        only("run", run);
        assertThat(run.get("columnKind").asString()).isIn("utf16CodeUnits", "unicodeCodePoints");
        JsonNode driver = run.get("tool").get("driver");
        only("driver", driver);
        driver.get("rules").forEach(r -> only("rule", r));
        assertThat(run.get("results").size()).isGreaterThan(2);
        for (JsonNode result : run.get("results")) {
            only("result", result);
            JsonNode place = result.get("locations").get(0).get("physicalLocation");
            only("region", place.get("region"));
            // uri-reference: RFC 3986 has no spaces.
            assertThat(place.get("artifactLocation").get("uri").asString())
                    .matches("[A-Za-z0-9._~%/-]+");
        }
    }

    private static void only(String kind, JsonNode node) {
        assertThat(ALLOWED.get(kind)).as(kind).containsAll(node.propertyNames());
    }
}
