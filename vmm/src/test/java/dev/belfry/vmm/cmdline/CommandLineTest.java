package dev.belfry.vmm.cmdline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.tuple;

import java.util.List;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CommandLineTest {

    private static Params device(String argument) {
        return CommandLine.parse(List.of("-device", argument)).options().getFirst().params();
    }

    @Test
    void quotesCommentsAndContinuedLinesAreTheShells() {
        CommandLine line =
                CommandLine.parseText(
                        """
                        # a guest
                        sudo FOO=1 exec /usr/bin/qemu-system-aarch64 \\
                          -append "a b \\"c\\" $HOME" \\
                          # between options
                          -name 'two words'x\\ y -kernel it#is
                          --nodefaults &
                        """);

        assertThat(line.program()).isEqualTo("/usr/bin/qemu-system-aarch64");
        assertThat(line.options())
                .extracting(Option::name, Option::argument)
                .containsExactly(
                        tuple("append", "a b \"c\" $HOME"),
                        tuple("name", "two wordsx y"),
                        tuple("kernel", "it#is"),
                        tuple("nodefaults", ""));
        assertThat(line.ignored()).extracting(Option::name).containsExactly("name");
    }

    @Test
    void everyKeyKnowsWhereItStands() {
        CommandLine line = CommandLine.parseText("qemu \\\n  -device 'nvme',addr=3,\\\nserial=x");

        Option option = line.options().getFirst();
        assertThat(option.at()).isEqualTo(new Position(2, 3, "-device nvme,addr=3,serial=x"));
        assertThat(option.params().find("addr").orElseThrow().at())
                .satisfies(p -> assertThat(List.of(p.line(), p.column())).containsExactly(2, 18));
        assertThat(option.params().find("serial").orElseThrow().at())
                .satisfies(p -> assertThat(List.of(p.line(), p.column())).containsExactly(3, 1));
    }

    @Test
    void keysOfJsonKnowWhereTheyStandToo() {
        CommandLine line =
                CommandLine.parseText("-device '{\"driver\":\"nvme\",\n \"serial\": \"x\"}'");

        assertThat(line.options().getFirst().params().find("serial").orElseThrow().at())
                .satisfies(p -> assertThat(List.of(p.line(), p.column())).containsExactly(2, 2));
    }

    @Test
    void doubledCommasBareKeysAndTheImpliedKey() {
        Params params = device("nvme,serial=a,,b,multifunction,nohotplug,addr=2");

        assertThat(params.get("driver")).contains("nvme");
        assertThat(params.get("serial")).contains("a,b");
        assertThat(params.get("multifunction")).contains("on");
        assertThat(params.get("hotplug")).contains("off");
        assertThat(params.get("addr")).contains("2");
    }

    @Test
    void theFirstIdAndTheLastOfEveryOtherKeyCount() {
        Params params = device("nvme,id=a,addr=1,id=b,addr=2");

        assertThat(params.get("id")).contains("a");
        assertThat(params.get("addr")).contains("2");
    }

    @Test
    void jsonReadsAsKeyValueDoes() {
        String json =
                "{'driver':'arm-smmuv3','accel':true,'ats':'on','ril':false,'oas':48,"
                        + "'a':{'b':[1,'x']}}";

        assertThat(device(json).all())
                .extracting(p -> p.key() + "=" + p.value())
                .containsExactly(
                        "driver=arm-smmuv3",
                        "accel=on",
                        "ats=on",
                        "ril=off",
                        "oas=48",
                        "a.b.0=1",
                        "a.b.1=x");
        assertThat(device("{\"driver\":\"nvme\",\"addr\":17}").get("addr")).contains("2.1");
    }

    @Test
    void aBlockNodeMayHaveNoBackingAndADeviceNoNull() {
        CommandLine read =
                CommandLine.parse(
                        List.of("-blockdev", "{'driver':'raw','node-name':'n','backing':null}"));
        assertThat(read.options().getFirst().params().get("node-name")).contains("n");
        assertThatExceptionOfType(CommandLineError.class)
                .isThrownBy(() -> device("{'driver':'nvme','addr':null}"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "-devise x | OPTION-UNKNOWN | did you mean -device?",
                "-device | OPTION-ARGUMENT | requires an argument",
                "-machine virt,accel | OPTION-VALUE-MISSING | Expected '=' after parameter 'accel'",
                "-device '{\"driver\":\"nvme\"' | OPTION-JSON | JSON parse error",
                "-device '{\"a\":1,\"a\":2}' | OPTION-JSON | uplicate",
                "-device '{\"a\":null}' | OPTION-JSON | 'a'",
                "-device '{}x' | OPTION-JSON | line 1, column",
                "-readconfig vm.cfg | OPTION-REFUSED | -readconfig",
                "-set device.d.addr=1 | OPTION-SET | there is no device \"d\" defined",
                "-set device | OPTION-SET | can't parse",
                "-append 'x | QUOTE-OPEN | line 1, column 9",
            })
    void whatCannotBeReadIsOneSentence(String text, String rule, String sentence) {
        assertThatExceptionOfType(CommandLineError.class)
                .isThrownBy(() -> CommandLine.parseText(text))
                .withMessageContaining(sentence)
                .satisfies(e -> assertThat(e.rule()).isEqualTo(rule));
    }

    @ParameterizedTest
    @CsvSource({"512,512", "4K,4096", "1.5G,1610612736", "0x10,16", "2T,2199023255552", "0,0"})
    void sizesHaveSuffixes(String text, long bytes) {
        assertThat(Quantities.size(text)).hasValue(bytes);
    }

    @ParameterizedTest
    @CsvSource({"4Q", "-1", "16E", "''", "K", "1e9", "99999999999999999999"})
    void whatIsNoSizeIsEmpty(String text) {
        assertThat(Quantities.size(text)).isEmpty();
    }

    @Test
    void nothingButACommandLineErrorEverComesOut() {
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(20);
        int read = 0;
        for (int i = 0; i < 20_000; i++) {
            String text = RandomText.of(random);
            try {
                read += CommandLine.parseText(text).options().size();
            } catch (CommandLineError e) {
                assertThat(e.getMessage()).startsWith("line ");
            }
        }
        assertThat(read).isGreaterThan(1000);
    }
}
