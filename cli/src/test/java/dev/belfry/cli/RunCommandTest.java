package dev.belfry.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/// `belfry run`, as typed.
class RunCommandTest {

    private static final String LINE =
            "qemu-system-aarch64 -machine virt,accel=kvm,gic-version=3 -cpu host -smp 2 -m 512M"
                    + " -nodefaults -bios QEMU_EFI.fd -object iommufd,id=iommufd0"
                    + " -device pxb-pcie,id=pcie.1,bus_nr=8,bus=pcie.0"
                    + " -device arm-smmuv3,primary-bus=pcie.1,id=smmuv3.1,accel=on"
                    + " -device pcie-root-port,id=rp1,bus=pcie.1,chassis=1"
                    + " -device vfio-pci,host=0009:01:00.0,bus=rp1,id=gpu,iommufd=iommufd0"
                    + " -device nvme,serial=a,bus=pcie.0";

    private static final String HEX = "0x(0|[1-9a-f][0-9a-f]*)";

    private static final Set<String> HOP_KINDS =
            Set.of(
                    "MSI_ENTRY",
                    "STREAM_ID",
                    "SMMU",
                    "STREAM_TABLE",
                    "STE",
                    "CD_TABLE",
                    "CD",
                    "STAGE1",
                    "STAGE2",
                    "DOORBELL",
                    "EVENTFD",
                    "ROUTE",
                    "INJECT",
                    "DEVICE_ID",
                    "ITS",
                    "DTE",
                    "ITE",
                    "CTE",
                    "LPI",
                    "REDISTRIBUTOR",
                    "SPI",
                    "CPU");

    private static Ran run(String options) {
        return run(options, LINE);
    }

    private static Ran run(String options, String line) {
        List<String> words = new ArrayList<>(List.of("run"));
        Arrays.stream(options.split(" +")).filter(w -> !w.isEmpty()).forEach(words::add);
        words.add("--");
        words.addAll(List.of(line.split(" +")));
        return Ran.belfry(false, words);
    }

    @Test
    void allDeliveredIsStatus0AndOneSentenceFirst() {
        Ran ran = run("");

        assertThat(ran.status()).isZero();
        assertThat(ran.err()).isEmpty();
        assertThat(ran.out())
                .startsWith(
                        "All well: 81 of 81 vectors delivered, 4 of 4 DMA transfers verified.\n")
                .doesNotContain("\033[")
                .contains("Machine", "Devices", "Vectors", "DMA", "SMMU events");
    }

    @Test
    void verboseShowsWhatTheItssOnBothSidesHoldOfEachVector() {
        Ran ran = run("-v --device 09:00.0");
        List<String> rows =
                ran.out()
                        .substring(ran.out().indexOf("Interrupt tables"))
                        .lines()
                        .filter(l -> l.startsWith("  09:00.0"))
                        .map(l -> l.replaceAll(" +", " ").trim())
                        .toList();
        assertThat(rows).hasSize(32);
        assertThat(rows.get(2)).startsWith("09:00.0 1 host ITT 0x");
        // The port above took the first vector, on CPU 0: those of the device begin on CPU 1.
        assertThat(rows.get(3))
                .matches(
                        "09:00.0 1 guest ITT 0x[0-9a-f]+, size 3 INTID \\d+, collection 0"
                                + " 0 to CPU 0 priority 160, enable 1 0");
        assertThat(run("--device 09:00.0").out()).doesNotContain("Interrupt tables");
    }

    @Test
    void everyDeliveredVectorHasTheTablesOfBothSidesAmongItsHops() {
        for (JsonNode vector : run("--json --device 09:00.0").json().get("vectors")) {
            List<String> hops = new ArrayList<>();
            vector.get("hops")
                    .forEach(h ->
                            hops.add(h.get("where").asString() + " " + h.get("kind").asString()));
            for (String where : List.of("host", "guest")) {
                assertThat(hops)
                        .containsSubsequence(
                                where + " DTE",
                                where + " ITE",
                                where + " CTE",
                                where + " LPI",
                                where + " REDISTRIBUTOR",
                                where + " CPU");
            }
        }
    }

    @Test
    void lostInterruptsAreStatus1AndTheReasonIsTheSecondLine() {
        Ran ran = run("--no-rmr");

        assertThat(ran.status()).isEqualTo(1);
        assertThat(ran.err()).isEmpty();
        assertThat(ran.out().lines().toList().get(1))
                .contains("09:00.0 vector 0", "stage 1", "SW_MSI", "RMR");
        assertThat(ran.out()).contains("F_TRANSLATION", "0x8000040", "16 times");
    }

    @Test
    void theGlobalAddressSpaceIsNamedAsTheCause() {
        Ran ran = run("--doorbell global-as");

        assertThat(ran.status()).isEqualTo(1);
        assertThat(ran.out().lines().toList().get(1)).contains("address space", "global one");
    }

    @Test
    void coloursAreForTerminals() {
        List<String> words = new ArrayList<>(List.of("run", "--"));
        words.addAll(List.of(LINE.split(" +")));

        assertThat(Ran.belfry(true, words).out()).contains("\033[32m");
        assertThat(Ran.belfry(false, words).out()).doesNotContain("\033[");
    }

    @Test
    void jsonHasTheDocumentedShape() {
        Ran ran = run("--json");

        assertThat(ran.status()).isZero();
        JsonNode root = ran.json();
        assertThat(root.propertyNames())
                .contains(
                        "belfry", "command", "ok", "machine", "devices", "vectors", "dma", "events",
                        "notes");
        assertThat(root.get("command").asString()).isEqualTo("run");
        assertThat(root.get("devices"))
                .allMatch(
                        d -> d.get("device").asString().matches("[0-9a-f]{2}:[0-9a-f]{2}\\.[0-7]"));
        assertThat(root.get("dma")).allMatch(d -> d.get("verified").asBoolean());
        assertThat(root.get("vectors")).hasSize(81);
        for (JsonNode vector : root.get("vectors")) {
            assertThat(vector.propertyNames())
                    .contains(
                            "device",
                            "vector",
                            "masked",
                            "delivered",
                            "stoppedAt",
                            "sentence",
                            "way",
                            "hops");
            assertThat(vector.get("stoppedAt").isNull()).isTrue();
            assertThat(vector.at("/way/giova").asString()).matches(HEX);
            vector.get("hops").forEach(RunCommandTest::assertHop);
        }
    }

    private static void assertHop(JsonNode hop) {
        assertThat(hop.propertyNames())
                .contains("kind", "where", "address", "bytes", "fields", "verdict", "rule");
        assertThat(hop.get("kind").asString()).isIn(HOP_KINDS);
        assertThat(hop.get("where").asString()).isIn("guest", "host");
        assertThat(hop.get("verdict").asString()).isIn("ok", "broken", "skipped", "unknown");
        assertThat(hop.get("rule").asString()).isNotBlank();
        JsonNode address = hop.get("address");
        assertThat(address.isNull() || address.asString().matches(HEX)).isTrue();
        assertThat(hop.get("bytes")).allMatch(b -> b.asInt() >= 0 && b.asInt() <= 255);
    }

    @Test
    void jsonOfALostVectorNamesTheHopAndTheEvent() {
        Ran ran = run("--json --no-rmr --device 09:00.0 --vector 3");

        assertThat(ran.status()).isEqualTo(1);
        JsonNode vector = ran.json().get("vectors").get(0);
        assertThat(vector.get("stoppedAt").asString()).isEqualTo("STAGE1");
        assertThat(vector.get("delivered").asBoolean()).isFalse();
        JsonNode event = ran.json().get("events").get(0);
        assertThat(event.get("type").asString()).isEqualTo("F_TRANSLATION");
        assertThat(event.get("address").asString()).isEqualTo("0x8000040");
        assertThat(event.get("bytes")).hasSize(32);
    }

    @Test
    void theSameInputGivesTheSameBytes() {
        String first = run("--json --seed 7").out();

        assertThat(run("--json --seed 7").out()).isEqualTo(first);
        assertThat(run("--json --seed 8").out()).isNotEqualTo(first);
    }

    @Test
    void oneJourneyIsPrintedHopByHop() {
        Ran ran = run("--device 0000:09:00.0 --vector 5");

        assertThat(ran.status()).isZero();
        assertThat(ran.out())
                .startsWith("09:00.0 vector 5 is delivered: INTID")
                .contains("guest MSI_ENTRY", "host  STE", "STAGE2", "EVENTFD", "guest CPU");
    }

    @Test
    void oneDeviceIsShownAlone() {
        Ran ran = run("--device 00:02.0");

        assertThat(ran.status()).isZero();
        assertThat(ran.out()).contains("65 of 65 vectors").doesNotContain("09:00.0");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--device banana|banana",
                "--device 7f:00.0|09:00.0",
                "--device 09:00.0 --vector 16|0 to 15",
                "--vector 3|--device",
                "--doorbell never|walk",
                "--host nowhere.yaml|nowhere.yaml",
                "--seed much|--seed",
                "--bogus|--bogus",
                "--vector x --device 09:00.0|--vector"
            })
    void wrongOptionsAreStatus2AndOneMessage(String options, String named) {
        assertRefused(run(options), named);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "bus=rp1,id|bus=rp7,id|rp7",
                "iommufd=iommufd0|iommufd=nine|nine",
                "accel=kvm|accel=tcg|kvm",
                "arm-smmuv3|arm-smmuv4|arm-smmuv4",
                "-m 512M|-m lots|lots",
                "bus_nr=8|bus_nr=999|999"
            })
    void wrongCommandLinesAreStatus2AndOneMessage(String good, String bad, String named) {
        assertRefused(run("", LINE.replace(good, bad)), named);
    }

    private static void assertRefused(Ran ran, String named) {
        assertThat(ran.status()).isEqualTo(2);
        assertThat(ran.out()).isEmpty();
        assertThat(ran.err())
                .startsWith("belfry: ")
                .contains(named)
                .doesNotContain("\tat ", "Exception", "a bug");
        assertThat(ran.err().lines()).hasSizeLessThanOrEqualTo(2);
    }

    @Test
    void aFileIsReadAndAFolderOrNothingIsRefused() throws Exception {
        Path file = Files.createTempFile("belfry", ".args");
        Files.writeString(
                file, "# a comment\n" + LINE.replace(" -device", " \\\n  -device") + "\n");

        assertThat(Ran.belfry("run", file.toString()).status()).isZero();
        assertRefused(
                Ran.belfry(false, List.of("run", file.resolveSibling("").toString())),
                "cannot be read");
        assertRefused(Ran.belfry(false, List.of("run", file + ".not")), "cannot be read");
        assertRefused(Ran.belfry(false, List.of("run")), "no command line");
        assertRefused(Ran.belfry(false, List.of("run", file.toString(), "--", "qemu")), "both");
        Files.delete(file);
    }

    @Test
    void helpTellsTheOptionsAndIsStatus0() {
        Ran ran = Ran.belfry(false, List.of("run", "--help"));

        assertThat(ran.status()).isZero();
        assertThat(ran.out())
                .contains("belfry run", "--host", "--device", "--vector", "--doorbell", "--no-rmr")
                .contains("--json");
        assertThat(Ran.belfry(false, List.of("--help")).out()).contains("run", "explain", "status");
    }
}
