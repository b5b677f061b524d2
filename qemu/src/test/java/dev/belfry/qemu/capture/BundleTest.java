package dev.belfry.qemu.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.model.journey.Bytes;
import dev.belfry.model.pci.spec.Bdf;
import dev.belfry.model.system.PageImage;
import dev.belfry.model.system.RecordingView;
import dev.belfry.model.system.Snapshot;
import dev.belfry.model.system.SystemView.Function;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class BundleTest {

    static List<Path> captures() {
        return Captures.all();
    }

    static byte[] good() {
        return Bundle.write(CaptureFolder.read(Captures.folder("translated")));
    }

    @ParameterizedTest
    @MethodSource("captures")
    void aBundleIsTheCaptureItWasMadeOf(Path folder, @TempDir Path dir) throws IOException {
        Snapshot capture = CaptureFolder.read(folder);
        Path file = dir.resolve("ticket.belfry");
        Bundle.write(capture, file);
        assertThat(Bundle.read(file)).isEqualTo(capture);
        assertThat(Files.size(file)).isLessThan(20_000);
        assertThat(Bundle.write(Bundle.read(file))).isEqualTo(Files.readAllBytes(file));
    }

    /// The layout as docs/bundle.md has it, read here without any of our code.
    @Test
    void theBytesLieAsDocumented() throws IOException {
        byte[] plain = unpack(good());
        int line = 0;
        while (plain[line] != '\n') {
            line++;
        }
        String manifest = new String(plain, 0, line, StandardCharsets.UTF_8);
        assertThat(manifest)
                .startsWith("{\"format\":\"belfry-bundle\",\"version\":1,")
                .endsWith("\"pages\":51}");
        byte[] page = Arrays.copyOfRange(plain, plain.length - 4104, plain.length);
        assertThat(Arrays.copyOf(page, 8))
                .isEqualTo(new byte[] {0, 0, (byte) 0x80, 0x5b, 0, 0, 0, 0});
        byte[] captured =
                unpack(Files.readAllBytes(Captures.folder("translated").resolve("pages.bin.gz")));
        assertThat(Arrays.copyOfRange(plain, plain.length - captured.length, plain.length))
                .isEqualTo(captured);
    }

    @Test
    void everyTruncationIsOneError() {
        byte[] good = good();
        for (int length = 0; length < good.length; length += length < 64 ? 1 : 97) {
            refuses(Arrays.copyOf(good, length));
        }
    }

    @Test
    void everyFlippedBitIsOneErrorOrChangesNothing() {
        byte[] good = good();
        Snapshot expected = Bundle.read("good", good);
        SplittableRandom random = new SplittableRandom(7);
        int refused = 0;
        for (int i = 0; i < 2000; i++) {
            byte[] bad = good.clone();
            bad[random.nextInt(bad.length)] ^= (byte) (1 << random.nextInt(8));
            try {
                // A few header bits of gzip (time, operating system) mean nothing.
                assertThat(Bundle.read("bad", bad)).isEqualTo(expected);
            } catch (CaptureError e) {
                assertThat(e.getMessage()).startsWith("bad ").doesNotContain("\n");
                refused++;
            }
        }
        assertThat(refused).isGreaterThan(1900);
    }

    @Test
    void whatFollowsTheEndIsRefused() {
        byte[] good = good();
        byte[] longer = Arrays.copyOf(good, good.length + 5);
        refuses(longer);
        byte[] twice = Arrays.copyOf(good, 2 * good.length);
        System.arraycopy(good, 0, twice, good.length, good.length);
        refuses(twice);
    }

    @Test
    void aBombIsRefusedAtTheLimit() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
            byte[] zeros = new byte[1 << 20];
            for (int i = 0; i < 400; i++) {
                gzip.write(zeros);
            }
        }
        assertThatThrownBy(() -> Bundle.read("bomb", out.toByteArray()))
                .isInstanceOf(CaptureError.class)
                .hasMessageContaining("unpacks to more than");
    }

    static Stream<String> lies() {
        String ok =
                "\"source\":\"s\",\"notes\":[],\"ram\":[],\"frames\":[],\"functions\":[],\"pages\":0}";
        String head = "{\"format\":\"belfry-bundle\",\"version\":1,";
        String frame = "{\"kind\":\"ITS\",\"name\":\"n\",\"base\":\"0x1\",\"registers\":%s}";
        String function =
                "{\"segment\":%s,\"routingId\":\"%s\",\"config\":%s,\"msix\":%s,\"msixAddress\":\"0x0\"}";
        return Stream.of(
                "",
                "\n",
                "{}\n",
                "[]\n",
                "{".repeat(100_000) + "\n",
                "{\"a\":".repeat(100_000) + "\n",
                "{\"format\":\"tar\",\"version\":1," + ok + "\n",
                "{\"format\":\"belfry-bundle\",\"version\":2," + ok + "\n",
                "{\"format\":\"belfry-bundle\",\"version\":\"1\"," + ok + "\n",
                head + ok + "\nmore",
                head + ok.replace("\"pages\":0", "\"pages\":1") + "\n",
                head + ok.replace("\"pages\":0", "\"pages\":-1") + "\n",
                head + ok.replace("\"pages\":0", "\"pages\":99999999999999999999999") + "\n",
                head + ok.replace("\"pages\":0", "\"pages\":2147483647") + "\n",
                head + ok.replace("\"pages\":0", "\"pages\":0.5") + "\n",
                head + ok.replace("\"ram\":[]", "\"ram\":[1]") + "\n",
                head
                        + ok.replace("\"ram\":[]", "\"ram\":[{\"base\":\"0xg\",\"size\":\"0x1\"}]")
                        + "\n",
                head + ok.replace("\"frames\":[]", "\"frames\":{}") + "\n",
                head
                        + ok.replace("\"frames\":[]", "\"frames\":[" + frame.formatted("1") + "]")
                        + "\n",
                head
                        + ok.replace("\"frames\":[]", "\"frames\":[" + frame.formatted("1e9") + "]")
                        + "\n",
                head
                        + ok.replace(
                                "\"frames\":[]",
                                "\"frames\":[" + frame.formatted("0").replace("ITS", "SOFA") + "]")
                        + "\n",
                head + functions(ok, function.formatted("0", "0x10", "4097", "0")),
                head + functions(ok, function.formatted("0", "0x10", "4096", "0")),
                head + functions(ok, function.formatted("0", "0x10", "0", "2147483647")),
                head + functions(ok, function.formatted("0", "0x10", "0", "7")),
                head + functions(ok, function.formatted("0", "0x10000", "0", "0")),
                head + functions(ok, function.formatted("65536", "0x1", "0", "0")));
    }

    private static String functions(String ok, String function) {
        return ok.replace("\"functions\":[]", "\"functions\":[" + function + "]") + "\n";
    }

    @ParameterizedTest
    @MethodSource("lies")
    void aManifestThatLiesIsRefused(String content) throws IOException {
        refuses(pack(content.getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void aPageThatComesTwiceOrLiesAskewIsRefused() throws IOException {
        byte[] plain = unpack(good());
        byte[] twice = plain.clone();
        System.arraycopy(plain, plain.length - 4104, twice, plain.length - 2 * 4104, 4104);
        refuses(pack(twice));
        byte[] askew = plain.clone();
        askew[plain.length - 4104] = 8;
        refuses(pack(askew));
    }

    private static void refuses(byte[] bytes) {
        assertThatThrownBy(() -> Bundle.read("ticket", bytes))
                .isInstanceOf(CaptureError.class)
                .hasMessageStartingWith("ticket ")
                .message()
                .doesNotContain("\n")
                .hasSizeLessThan(300);
    }

    @Test
    void aRecordingHoldsWhatWasAskedAndNothingElse() {
        Snapshot capture = CaptureFolder.read(Captures.folder("faults/none"));
        RecordingView recording = new RecordingView(capture);
        long page = capture.memory().addresses().get(3);
        assertThat(recording.memory().read(page + 0x10, 8))
                .isEqualTo(capture.memory().read(page + 0x10, 8));
        assertThat(recording.memory().accepts(0, 8)).isFalse();
        recording.smmus().getFirst().registers().read64(0x80);
        recording.smmus().getFirst().registers().read32(0x7000);
        Snapshot kept = Bundle.read("r", Bundle.write(recording.snapshot()));
        assertThat(kept.memory())
                .isEqualTo(new PageImage(Map.of(page, capture.memory().page(page).toArray())));
        assertThat(kept.smmus().getFirst().registers().read64(0x80))
                .isEqualTo(capture.smmus().getFirst().registers().read64(0x80));
        assertThat(kept.smmus().getFirst().registers().read32(0x20)).isEmpty();
        assertThat(kept.smmus().getFirst().registers().read32(0x7000)).isEmpty();
        assertThat(kept.functions()).isEqualTo(capture.functions());
    }

    @Test
    void manyFunctionsWithManyVectorsFit() {
        Snapshot capture = CaptureFolder.read(Captures.folder("translated"));
        byte[] table = new byte[2048 * 16];
        new SplittableRandom(1).nextBytes(table);
        List<Function> functions = new ArrayList<>();
        for (int rid = 0; rid < 256; rid++) {
            functions.add(
                    new Function(Bdf.of(0, rid), Bytes.of(new byte[4096]), Bytes.of(table), rid));
        }
        Snapshot big =
                new Snapshot(
                        capture.source(),
                        capture.notes(),
                        capture.ram(),
                        capture.frames(),
                        functions,
                        capture.memory());
        assertThat(Bundle.read("big", Bundle.write(big))).isEqualTo(big);
    }

    private static byte[] unpack(byte[] bytes) throws IOException {
        try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(bytes))) {
            return in.readAllBytes();
        }
    }

    private static byte[] pack(byte[] bytes) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
            gzip.write(bytes);
        }
        return out.toByteArray();
    }
}
