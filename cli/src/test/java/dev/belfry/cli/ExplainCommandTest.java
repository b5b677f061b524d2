package dev.belfry.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

class ExplainCommandTest {

    @TempDir Path dir;

    private static String capture(String name) {
        try {
            return Path.of(ExplainCommandTest.class.getResource("/captures/README.md").toURI())
                    .resolveSibling(name)
                    .toString();
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void aHealthyCaptureIsATableAndStatus0() {
        Ran ran = Ran.belfry("explain", capture("translated"));
        assertThat(ran.status()).isEqualTo(0);
        assertThat(ran.out())
                .startsWith("Nothing is lost: 14 of 14 programmed vectors are delivered.")
                .contains("00:02.0", "GITS_TRANSLATER", "8194..8196");
        assertThat(ran.err()).isEmpty();
    }

    @Test
    void theFirstSentenceNamesTheBrokenHopAndItsSymptomAndTheStatusIs1() {
        Ran ran = Ran.belfry("explain", capture("faults/ite-invalid"));
        assertThat(ran.status()).isEqualTo(1);
        assertThat(ran.out().lines().findFirst().orElseThrow())
                .startsWith(
                        "00:02.0 vector 1 is lost at the interrupt translation entry at"
                                + " 0x480ec20c:")
                .contains("completion polled");
    }

    @Test
    void brokenVectorsComeFirstInTheTable() {
        List<String> rows =
                Ran.belfry("explain", capture("faults/ite-invalid"))
                        .out()
                        .lines()
                        .dropWhile(l -> !l.startsWith("Vectors"))
                        .skip(2)
                        .takeWhile(l -> !l.isBlank())
                        .toList();
        assertThat(rows.getFirst()).contains("1-2", "LOST at ITE");
        assertThat(rows.getLast()).contains("never programmed");
    }

    @Test
    void jsonHasWhatMachinesKeyOn() {
        Ran ran = Ran.belfry("explain", capture("faults/msi-unmapped"), "--json");
        JsonNode root = ran.json();
        assertThat(root.path("command").stringValue()).isEqualTo("explain");
        assertThat(root.path("source").stringValue()).contains("QEMU 7.2.22");
        JsonNode v = root.path("vectors").get(0);
        assertThat(v.path("device").stringValue()).isEqualTo("00:02.0");
        assertThat(v.path("vector").intValue()).isEqualTo(0);
        assertThat(v.path("masked").booleanValue()).isFalse();
        assertThat(v.path("delivered").booleanValue()).isFalse();
        assertThat(v.path("stoppedAt").stringValue()).isEqualTo("STAGE1");
        List<String> kinds = new ArrayList<>();
        v.path("hops").forEach(h -> kinds.add(h.path("kind").stringValue()));
        assertThat(kinds)
                .containsExactly(
                        "MSI_ENTRY",
                        "STREAM_ID",
                        "SMMU",
                        "STREAM_TABLE",
                        "STE",
                        "CD",
                        "STAGE1",
                        "STAGE1",
                        "STAGE1",
                        "STAGE1");
        JsonNode last = v.path("hops").get(9);
        assertThat(last.path("verdict").stringValue()).isEqualTo("broken");
        assertThat(last.path("where").stringValue()).isEqualTo("guest");
        assertThat(last.path("address").stringValue()).isEqualTo("0x438d5ff8");
        assertThat(last.path("bytes").size()).isEqualTo(8);
        assertThat(root.path("events").size()).isEqualTo(2);
        assertThat(root.path("commands").size()).isGreaterThan(100);
        assertThat(ran.status()).isEqualTo(1);
    }

    @Test
    void oneDeviceIsToldHopByHop() {
        Ran ran = Ran.belfry("explain", capture("translated"), "00:02.0", "2");
        assertThat(ran.status()).isEqualTo(0);
        // The worked example: addresses found by an independent script.
        assertThat(ran.out())
                .contains(
                        "MSI_ENTRY @0x8000402020",
                        "STREAM_TABLE @0x48017000",
                        "STE @0x5b660400",
                        "CD @0x432bd000",
                        "STAGE1 @0x438c9ff8",
                        "DTE @0x48090080",
                        "ITE @0x43876c18",
                        "CTE @0x425a0008",
                        "LPI @0x425b0004")
                .doesNotContain("vector 1 ");
    }

    @Test
    void aMaskedVectorIsWhatIsWrongWhenItIsAskedFor() {
        assertThat(Ran.belfry("explain", capture("faults/none"), "00:04.0").status()).isEqualTo(0);
        Ran ran = Ran.belfry("explain", capture("faults/none"), "00:04.0", "1", "--json");
        assertThat(ran.status()).isEqualTo(1);
        assertThat(ran.json().path("vectors").get(0).path("stoppedAt").stringValue())
                .isEqualTo("MSI_ENTRY");
    }

    @Test
    void anAddressIsWalkedAndAMapListed() {
        Ran walked =
                Ran.belfry(
                        "explain",
                        capture("translated"),
                        "00:02.0",
                        "--iova",
                        "0xfffff040",
                        "--write");
        assertThat(walked.status()).isEqualTo(0);
        assertThat(walked.out())
                .startsWith(
                        "A write of 00:02.0 at 0xfffff040 goes to 0x8090040, GITS_TRANSLATER of the"
                                + " ITS.");
        assertThat(Ran.belfry("explain", capture("translated"), "00:02.0", "--iova", "16").status())
                .isEqualTo(1);
        assertThat(Ran.belfry("explain", capture("translated"), "00:02.0", "--iova-map").out())
                .contains("0xfffff000 - 0xffffffff", "Device-nGnRE");
    }

    @Test
    void aBundleOfACaptureExplainsTheSame() {
        String bundle = dir.resolve("x.belfry").toString();
        Ran captured = Ran.belfry("capture", capture("faults/dte-invalid"), "-o", bundle);
        assertThat(captured.status()).isEqualTo(0);
        assertThat(captured.out()).contains("pages", "PCI functions");
        assertThat(Ran.belfry("explain", bundle, "--json").out())
                .isEqualTo(Ran.belfry("explain", capture("faults/dte-invalid"), "--json").out());
    }

    @Test
    void ourOwnMachineIsExplainedLikeAnyOther() {
        Ran ran =
                Ran.belfry(
                        "explain",
                        "--json",
                        "--",
                        "qemu-system-aarch64",
                        "-machine",
                        "virt,gic-version=3,iommu=smmuv3",
                        "-smp",
                        "2",
                        "-m",
                        "1G",
                        "-nodefaults",
                        "-bios",
                        "QEMU_EFI.fd",
                        "-device",
                        "nvme,serial=1");
        assertThat(ran.status()).as(ran.err()).isEqualTo(0);
        JsonNode v = ran.json().path("vectors").get(0);
        assertThat(v.path("delivered").booleanValue()).isTrue();
        assertThat(v.path("policy").stringValue()).isEqualTo("stage 1");
        assertThat(v.path("hops").get(1).path("rule").stringValue())
                .startsWith("The IORT maps requester id 0x8 to StreamID 0x8");
        assertThat(ran.json().path("findings").size()).isZero();
    }

    @Test
    void anHtmlFileHoldsTheVerdictAndEscapesWhatItShows() throws Exception {
        Path page = dir.resolve("x.html");
        Ran.belfry("explain", capture("faults/ite-invalid"), "--html", page.toString());
        assertThat(Files.readString(page))
                .contains("<h1 class=\"bad\">00:02.0 vector 1 is lost", "MSI_ENTRY")
                .doesNotContain("<script");
    }

    @Test
    void wrongInputIsOneMessageAndStatus2() throws Exception {
        Path junk = Files.writeString(dir.resolve("junk.belfry"), "no bundle");
        for (String[] words :
                new String[][] {
                    {"explain"},
                    {"explain", dir.resolve("nothing").toString()},
                    {"explain", junk.toString()},
                    {"explain", dir.toString()},
                    {"explain", capture("translated"), "09:00.0"},
                    {"explain", capture("translated"), "00:99.0"},
                    {"explain", capture("translated"), "00:02.0", "65"},
                    {"explain", capture("translated"), "00:02.0", "x"},
                    {"explain", capture("translated"), "--iova", "0"},
                    {"explain", capture("translated"), "00:02.0", "--iova", "zero"},
                    {"explain", capture("translated"), "--watch"},
                    {"explain", "--qmp", dir.resolve("none").toString()},
                    {"capture", capture("translated")},
                }) {
            Ran ran = Ran.belfry(words);
            assertThat(ran.status()).as(String.join(" ", words)).isEqualTo(2);
            assertThat(ran.out()).isEmpty();
            assertThat(ran.err()).startsWith("belfry: ").doesNotContain("Exception");
            assertThat(ran.err().lines().count()).isLessThanOrEqualTo(2);
        }
    }
}
