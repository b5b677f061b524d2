package dev.belfry.vmm.input;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.vmm.check.CheckedMachine;
import dev.belfry.vmm.check.Terms;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// Inputs that are too large to be kept as files. Bytes of any kind are `FuzzTest`'s.
class EnormousInputTest {

    private static final int MOST_TOLD = 1000;

    @ParameterizedTest
    @MethodSource("enormous")
    void whatIsEnormousIsReadOrRefused(String name, String text) {
        Launch launch = Launches.read(text);
        CheckedMachine machine = CheckedMachine.read(launch, Terms.ANY_HOST);
        assertThat(machine.problems()).as(name).isNotEmpty().hasSizeLessThan(MOST_TOLD);
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
}
