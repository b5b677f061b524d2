package dev.belfry.vmm.reader;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.vmm.check.CheckedMachine;
import dev.belfry.vmm.cmdline.CommandLine;
import dev.belfry.vmm.machine.MemoryAttributes;
import dev.belfry.vmm.machine.MemoryAttributes.Locality;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvFileSource;

class MemoryAttributesTest {

    private static CheckedMachine read(String options) {
        return CheckedMachine.read(
                CommandLine.parse(
                        List.of(
                                ("-M virt,hmat=on -m 128M -object memory-backend-ram,id=m,size=128M "
                                                + options)
                                        .split(" "))));
    }

    @ParameterizedTest
    @CsvFileSource(resources = "hmat-refusals.txt", delimiter = '|', quoteCharacter = '`')
    void whatQemuRefusesIsRefusedInItsWords(String options, String message) {
        assertThat(read(options).firstError())
                .hasValueSatisfying(problem -> {
                    assertThat(problem.message()).isEqualTo(message);
                    assertThat(problem.rule()).isEqualTo("NUMA-HMAT");
                });
    }

    @Test
    void theUnitOfLatenciesIsTheSmallestPowerOfTen() {
        assertThat(locality("access-latency,latency=300", "access-latency,latency=7000").unit())
                .isEqualTo(100);
        assertThat(locality("access-latency,latency=300", "access-latency,latency=7").unit())
                .isEqualTo(1);
    }

    @Test
    void theUnitOfBandwidthsIsTheLargestPowerOfTwoThatDividesAll() {
        String two = "access-bandwidth,bandwidth=";
        assertThat(locality(two + "3G", two + "10M").unit()).isEqualTo(2L << 20);
    }

    private static Locality locality(String first, String second) {
        String lb = " -numa hmat-lb,initiator=0,hierarchy=memory,target=";
        CheckedMachine machine =
                read(
                        "-numa node,memdev=m,cpus=0 -numa node"
                                + lb
                                + "0,data-type="
                                + first
                                + lb
                                + "1,data-type="
                                + second);
        assertThat(machine.firstError()).isEmpty();
        MemoryAttributes attributes = machine.machine().onBoard().numa().attributes().orElseThrow();
        return attributes.localities().getFirst();
    }
}
