package dev.belfry.vmm.input;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class InputFuzzTest {

    private static final int MUTANTS = 150;
    private static final List<String> WORDS =
            List.of(
                    "'",
                    "\"",
                    "{",
                    "}",
                    "<",
                    ">",
                    "/>",
                    "&",
                    ";",
                    "$",
                    "${",
                    "(",
                    ")",
                    ",",
                    ",,",
                    "=",
                    "\\",
                    "\n",
                    " -device ",
                    "0x",
                    "-1",
                    "99999999999999999999",
                    "\0",
                    "\ud800",
                    "on",
                    "pcie.0",
                    "id=",
                    "<driver ",
                    "<!DOCTYPE ",
                    "<![CDATA[",
                    "qemu-system-aarch64 ");

    static Stream<Path> corpus() {
        return Inputs.corpus().stream();
    }

    @Test
    void thereIsACorpus() {
        assertThat(Inputs.corpus()).hasSizeGreaterThan(8);
    }

    @ParameterizedTest
    @MethodSource("corpus")
    void whateverIsDoneToAnInputItGivesFindings(Path file) throws IOException {
        byte[] whole = Files.readAllBytes(file);
        Inputs.fuzzerTestOneInput(whole);
        RandomGenerator random =
                RandomGeneratorFactory.of("L64X128MixRandom").create(file.getFileName().hashCode());
        String text = new String(whole, StandardCharsets.UTF_8);
        for (int i = 0; i < MUTANTS; i++) {
            String mutant = mutant(text, random);
            assertThatCode(() -> Inputs.read(mutant)).as(mutant).doesNotThrowAnyException();
        }
    }

    @ParameterizedTest
    @MethodSource("enormous")
    void whatIsEnormousIsReadOrRefused(String name, String text) {
        assertThat(Inputs.read(text)).as(name).isPositive();
    }

    static Stream<List<String>> pairs() {
        String ports = " -device pcie-root-port,chassis=1,id=p";
        return Stream.of(
                List.of(
                        "10,000 devices",
                        "-M virt" + numbered(" -device nvme,serial=a,id=n", 10_000)),
                List.of("10,000 ports", "-M virt" + numbered(ports, 10_000)),
                List.of(
                        "10,000 globals",
                        "-M virt -device nvme" + numbered(" -global nvme.x=", 10_000)),
                List.of("many keys", "-M virt -device nvme" + numbered(",k=", 100_000)),
                List.of("many errors", numbered(" -x", 100_000)),
                List.of("a long line", "-M virt -append " + "x".repeat(100 << 20)),
                List.of("a long number", "-M virt -m " + "9".repeat(1 << 20)),
                List.of("quotes", "'".repeat(1_000_001)),
                List.of("dollars", "$(".repeat(1 << 20)),
                List.of("words", "; ".repeat(1 << 20)),
                List.of("grows", "A+=x\n".repeat(200_000)),
                List.of("nested", "<a>".repeat(1 << 20)),
                List.of("elements", "<domain>" + "<a/>".repeat(200_000) + "</domain>"),
                List.of(
                        "initiators",
                        "<domain><devices>"
                                + "<hostdev type='pci'><acpi nodeset='0-1023'/></hostdev>"
                                        .repeat(2000)
                                + "</devices></domain>"));
    }

    static Stream<Arguments> enormous() {
        return pairs().map(p -> Arguments.of(p.get(0), p.get(1)));
    }

    private static String numbered(String word, int count) {
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < count; i++) {
            out.append(word).append(i);
        }
        return out.toString();
    }

    private static String mutant(String text, RandomGenerator random) {
        StringBuilder out = new StringBuilder(text);
        for (int n = 1 + random.nextInt(4); n > 0; n--) {
            int at = random.nextInt(out.length() + 1);
            switch (random.nextInt(5)) {
                case 0 -> out.insert(at, WORDS.get(random.nextInt(WORDS.size())));
                case 1 -> out.delete(at, Math.min(out.length(), at + 1 + random.nextInt(20)));
                case 2 -> out.insert(at, (char) random.nextInt(0x1_0000));
                case 3 -> {
                    int from = random.nextInt(out.length() + 1);
                    int to = Math.min(out.length(), from + random.nextInt(200));
                    out.insert(at, out.substring(from, to));
                }
                default -> out.setLength(at);
            }
        }
        return out.toString();
    }
}
