package dev.belfry.vmm.qtest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The two protocols, on good and on bad input.
class ProtocolTest {

    private static final String[] VIRT = {"-machine", "virt,iommu=smmuv3", "-m", "64"};

    @TempDir Path directory;

    @Test
    void repliesAreQemusToTheCharacter() throws IOException {
        try (TestProgram t = new TestProgram(directory, VIRT)) {
            assertThat(t.qtest("writeq 0x40000000 0x1122334455667788")).isEqualTo("OK");
            assertThat(t.qtest("readb 0x40000001")).isEqualTo("OK 0x0000000000000077");
            assertThat(t.qtest("readw 0x40000001")).isEqualTo("OK 0x0000000000006677");
            assertThat(t.qtest("readl 1073741825")).isEqualTo("OK 0x0000000044556677");
            assertThat(t.qtest("writeb 0x40000000 0xabcd")).isEqualTo("OK");
            assertThat(t.qtest("read 0x40000000 3")).isEqualTo("OK 0xcd7766");
            assertThat(t.qtest("b64read 0x40000000 3")).isEqualTo("OK zXdm");
            assertThat(t.qtest("b64write 0x40000000 3 AAEC")).isEqualTo("OK");
            assertThat(t.qtest("write 0x40000003 0x4 0x0a0b")).isEqualTo("OK");
            assertThat(t.qtest("read 0x40000000 8")).isEqualTo("OK 0x0001020a0b000011");
            assertThat(t.qtest("memset 0x40000001 0x2 0xff")).isEqualTo("OK");
            assertThat(t.qtest("readl 0x40000000")).isEqualTo("OK 0x000000000affff00");
            assertThat(t.qtest("inb 0x10")).isEqualTo("OK 0x00ff");
            assertThat(t.qtest("outl 0x10 0x1")).isEqualTo("OK");
            assertThat(t.qtest("readl 0x9050014")).as("IDR5").isEqualTo("OK 0x0000000000000074");
            assertThat(t.qtest("clock_step 100")).isEqualTo("OK 100");
            assertThat(t.qtest("clock_set 250")).isEqualTo("OK 250");
            assertThat(t.qtest("frobnicate 1")).isEqualTo("FAIL Unknown command 'frobnicate'");
        }
    }

    @Test
    void interceptedInterruptsGoBeforeTheReply() throws IOException {
        try (TestProgram t = new TestProgram(directory, VIRT)) {
            // CMD_SYNC with CS = SIG_IRQ, consumed when PROD is written.
            t.qtest("writeq 0x9050090 0x40001002");
            t.qtest("writeq 0x40001000 0x1046");
            t.qtest("writel 0x9050020 0x8");
            assertThat(t.qtest("irq_intercept_in /machine/unattached/device[1]")).isEqualTo("OK");
            assertThat(t.qtest("writel 0x9050098 0x1")).isEqualTo("IRQ raise 76");
            assertThat(t.qtestLine()).isEqualTo("IRQ lower 76");
            assertThat(t.qtestLine()).isEqualTo("OK");
            assertThat(t.qtest("irq_intercept_out /machine/unattached/device[9]"))
                    .isEqualTo("FAIL IRQ intercept already enabled");
            assertThat(t.qtest("readl 0x905009c")).isEqualTo("OK 0x0000000000000001");
        }
    }

    @Test
    void theMonitorGreetsNegotiatesAndNamesTheMachine() throws IOException {
        try (TestProgram t = new TestProgram(directory, "-machine", "none", "-vnc", "none")) {
            assertThat(t.qmpLine()).startsWith("{\"QMP\":{\"version\":").contains("capabilities");
            assertThat(t.qmp("{\"execute\":\"query-machines\"}"))
                    .contains("CommandNotFound")
                    .contains("capabilities negotiation");
            assertThat(t.qmp("{'execute': 'qmp_capabilities'}\n")).isEqualTo("{\"return\":{}}");
            assertThat(t.qmp("{\"execute\":\"query-machines\",\"id\":7}"))
                    .contains("\"name\":\"virt-")
                    .contains("\"alias\":\"virt\"")
                    .endsWith("\"id\":7}");
            assertThat(t.qmp("{\"execute\":\"system_reset\"}{\"execute\":\"query-status\"}"))
                    .isEqualTo("{\"return\":{}}");
            assertThat(t.qmpLine()).contains("\"event\":\"RESET\"");
            assertThat(t.qmpLine()).contains("\"running\":true");
            assertThat(t.qmp("{\"execute\":\"device_add\",\"arguments\":{}}"))
                    .contains("The command device_add has not been found");
        }
    }

    @Test
    void whatMakesNoSenseIsRefusedAndTheProcessLivesOn() throws IOException {
        try (TestProgram t = new TestProgram(directory, VIRT)) {
            for (String line :
                    List.of(
                            "readl",
                            "readl zero",
                            "readq 0x",
                            "read 0x40000000 0",
                            "read 0x40000000 0xffffffffffffffff",
                            "writeb 0x40000000",
                            "b64write 0x40000000 3 !!!!",
                            "clock_set -1",
                            "clock_step x",
                            "set_irq_in /machine x y z",
                            "module_load a b",
                            "\u0000\u0001\u00ff")) {
                assertThat(t.qtest(line)).as(line).startsWith("FAIL");
            }
            assertThat(t.qtest("write 0x40000000 4 0x")).startsWith("ERR");
            t.qtestSilently("");
            t.qtestSilently("   ");
            assertThat(t.qtest("endianness")).isEqualTo("OK little");
            t.qmpLine();
            for (String text :
                    List.of(
                            "{\n\"a\":}",
                            "[1]",
                            "nonsense\n",
                            "{\"x\":1}",
                            "{\"execute\":1}",
                            "}")) {
                assertThat(t.qmp(text))
                        .as(text)
                        .startsWith("{\"error\":{\"class\":\"GenericError\"");
            }
            assertThat(t.qmp("{\"execute\":\"qmp_capabilities\"}")).isEqualTo("{\"return\":{}}");
        }
    }

    @Test
    void randomLinesNeverEndIt() throws IOException {
        SplittableRandom random = new SplittableRandom(1);
        String[] words = {
            "readb",
            "readq",
            "writel",
            "writeq",
            "read",
            "write",
            "memset",
            "b64read",
            "b64write",
            "clock_step",
            "inl",
            "outb",
            "irq_intercept_in",
            "set_irq_in"
        };
        try (TestProgram t = new TestProgram(directory, VIRT)) {
            for (int i = 0; i < 300; i++) {
                StringBuilder line = new StringBuilder(words[random.nextInt(words.length)]);
                for (int n = random.nextInt(5); n > 0; n--) {
                    line.append(" 0x").append(Long.toHexString(number(random)));
                }
                assertThat(t.qtest(line.toString())).as("%s", line).matches("(OK|FAIL|ERR).*");
            }
        }
    }

    private static long number(SplittableRandom random) {
        return switch (random.nextInt(4)) {
            case 0 -> random.nextInt(64);
            case 1 -> 0x4000_0000L + random.nextInt(1 << 26);
            case 2 -> 0x905_0000L + random.nextInt(0x20000);
            default -> random.nextLong() >>> random.nextInt(64);
        };
    }

    @Test
    void anyCommandLineIsTaken() {
        for (List<String> words :
                List.of(
                        List.<String>of(),
                        List.of("-m"),
                        List.of("-m", "99999999999999999999T", "-machine", ",,=", "-device", ""),
                        List.of("-qtest", "tcp:1", "-mon", "x", "-chardev", "y", "---", "z"),
                        List.of("-frob", "nicate", "-machine", "type=virt", "-m", "size=1.5G"))) {
            assertThat(StandInOptions.of(words).memory()).as("%s", words).isPositive();
        }
        assertThat(StandInOptions.of(List.of("-M", "virt", "-m", "512")).memory())
                .isEqualTo(512L << 20);
        assertThat(StandInOptions.of(List.of("-m", "size=1.5G")).memory()).isEqualTo(3L << 29);
    }
}
