package dev.belfry.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.function.UnaryOperator;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Bundles that are cut off, damaged, or made to do harm: one message, status 2.
class DamagedBundleTest {

    @TempDir Path dir;

    private byte[] good = {};

    @BeforeEach
    void bundle() throws IOException, URISyntaxException {
        Path capture =
                Path.of(DamagedBundleTest.class.getResource("/captures/README.md").toURI())
                        .resolveSibling("faults/dte-invalid");
        Path file = dir.resolve("good.belfry");
        assertThat(Ran.belfry("capture", capture.toString(), "-o", file.toString()).status())
                .isZero();
        good = Files.readAllBytes(file);
    }

    private Ran explain(byte[] bytes) throws IOException {
        Path file = Files.write(dir.resolve("x.belfry"), bytes);
        return Ran.belfry("explain", file.toString());
    }

    private void assertRefused(String what, byte[] bytes) throws IOException {
        Ran ran = explain(bytes);
        assertThat(ran.status()).as(what).isEqualTo(2);
        assertThat(ran.out()).as(what).isEmpty();
        assertThat(ran.err())
                .as(what)
                .startsWith("belfry: ")
                .contains("x.belfry")
                .doesNotContain("Exception", "a bug in Belfry");
        assertThat(ran.err().lines().count()).as(ran.err()).isLessThanOrEqualTo(2);
    }

    @Test
    void cutOffAnywhere() throws IOException {
        for (int length = 0; length < good.length; length += Math.max(1, good.length / 40)) {
            assertRefused("cut to " + length, Arrays.copyOf(good, length));
        }
        assertRefused("one byte short", Arrays.copyOf(good, good.length - 1));
    }

    @Test
    void aBitThatTippedOverIsFoundOrDoesNoHarm() throws IOException {
        String expected = explain(good).out();
        Random random = new Random(1);
        for (int i = 0; i < 60; i++) {
            byte[] bytes = good.clone();
            int bit = random.nextInt(8 * bytes.length);
            bytes[bit / 8] ^= (byte) (1 << bit % 8);
            Ran ran = explain(bytes);
            if (ran.status() == 2) {
                assertRefused("bit " + bit, bytes);
            } else {
                assertThat(ran.out()).as("bit %d", bit).isEqualTo(expected);
            }
        }
    }

    private byte[] manifest(UnaryOperator<String> change) throws IOException {
        byte[] all = new GZIPInputStream(new ByteArrayInputStream(good)).readAllBytes();
        int end = 0;
        while (all[end] != '\n') {
            end++;
        }
        String line = new String(all, 0, end, StandardCharsets.UTF_8);
        String changed = change.apply(line);
        assertThat(changed).isNotEqualTo(line);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(changed.getBytes(StandardCharsets.UTF_8));
        out.write(all, end, all.length - end);
        return zip(out.toByteArray());
    }

    private static byte[] zip(byte[] bytes) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
            gzip.write(bytes);
        }
        return out.toByteArray();
    }

    @Test
    void manifestsThatLie() throws IOException {
        String pages = "\"pages\" ?: ?\\d+";
        assertRefused("more pages", manifest(m -> m.replaceAll(pages, "\"pages\":2000000000")));
        assertRefused("fewer pages", manifest(m -> m.replaceAll(pages, "\"pages\":1")));
        assertRefused("negative", manifest(m -> m.replaceAll(pages, "\"pages\":-1")));
        assertRefused("no number", manifest(m -> m.replaceAll(pages, "\"pages\":\"many\"")));
        assertRefused("huge", manifest(m -> m.replaceAll(pages, "\"pages\":99999999999999999999")));
        assertRefused(
                "registers",
                manifest(m -> m.replaceAll("\"registers\" ?: ?\\d+", "\"registers\":2147483647")));
        assertRefused(
                "configuration space",
                manifest(m -> m.replaceFirst("\"config\" ?: ?\\d+", "\"config\":3")));
        assertRefused(
                "version", manifest(m -> m.replaceFirst("\"version\" ?: ?1", "\"version\":2")));
        assertRefused("other kind", manifest(m -> m.replace("\"ITS\"", "\"TOASTER\"")));
        assertRefused("no JSON", manifest(m -> m.substring(1)));
        assertRefused("deep", manifest(m -> "[".repeat(100_000) + m));
        assertRefused("empty", manifest(m -> "{}"));
    }

    @Test
    void whatUnpacksToMoreThanAnyMachine() throws IOException {
        assertRefused("zeros", zip(new byte[200 << 20]));
        byte[] twice = Arrays.copyOf(good, 2 * good.length);
        System.arraycopy(good, 0, twice, good.length, good.length);
        assertRefused("a second member", twice);
        assertRefused("something behind", Arrays.copyOf(good, good.length + 1));
    }
}
