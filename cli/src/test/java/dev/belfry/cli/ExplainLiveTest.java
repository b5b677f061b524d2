package dev.belfry.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// `belfry explain` on a running QEMU, as a person runs it.
class ExplainLiveTest {

    private static final Duration PATIENCE = Duration.ofMinutes(2);

    @TempDir Path dir;

    /// In a process of its own, which a signal can end.
    private Process process(String... words) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(ProcessHandle.current().info().command().orElse("java"));
        command.addAll(List.of("--enable-native-access=ALL-UNNAMED", "-XX:+UseSerialGC"));
        command.addAll(List.of("-cp", System.getProperty("java.class.path")));
        command.add(Main.class.getName());
        command.addAll(List.of(words));
        return new ProcessBuilder(command)
                .redirectOutput(dir.resolve("out").toFile())
                .redirectError(dir.resolve("err").toFile())
                .start();
    }

    private String out() {
        try {
            return Files.readString(dir.resolve("out"));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void await(String what, BooleanSupplier condition) {
        Instant end = Instant.now().plus(PATIENCE);
        while (!condition.getAsBoolean()) {
            assertThat(Instant.now()).as(what).isBefore(end);
            try {
                Thread.sleep(20);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException(e);
            }
        }
    }

    @Test
    void theBrokenHopOfARunningMachineIsNamedAndItRunsOn() {
        try (LiveMachine machine = LiveMachine.start(dir)) {
            Ran ran = Ran.belfry("explain", "--qmp", machine.qmp(), "--stop");
            assertThat(ran.status()).as(ran.err()).isEqualTo(1);
            assertThat(ran.out()).startsWith("00:02.0 vector 0 is lost at the ITS at 0x8080000:");
            assertThat(ran.out()).contains("held still", "registers through the monitor (xp)");
            assertThat(machine.running()).isTrue();

            machine.qtest().write(LiveMachine.STE, 8, 8);
            Ran broken = Ran.belfry("explain", "--qmp", machine.qmp(), "--json");
            assertThat(broken.json().path("vectors").get(0).path("stoppedAt").stringValue())
                    .isEqualTo("STE");
        }
    }

    @Test
    void watchingTellsWhatChangesAndEndsWithASignal() throws Exception {
        try (LiveMachine machine = LiveMachine.start(dir)) {
            Process watch = process("explain", "--qmp", machine.qmp(), "--watch", "1", "--stop");
            await("the first table", () -> out().contains("Read from QEMU"));
            String first = out();
            assertThat(first).startsWith("00:02.0 vector 0 is lost at the ITS");

            machine.qtest().write(LiveMachine.STE, 8, 8);
            await("the news", () -> out().length() > first.length() && out().endsWith("\n"));
            assertThat(out().substring(first.length()))
                    .startsWith("00:02.0 vector 0 is lost at the stream table entry");
            machine.qtest().write(LiveMachine.STE, 8, 9);
            machine.mask(true);
            await("the mask", () -> out().contains("is masked by its driver"));

            watch.destroy();
            assertThat(watch.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
            assertThat(machine.running()).isTrue();
            assertThat(Files.readString(dir.resolve("err"))).isEmpty();
        }
    }

    @Test
    void watchingEndsWithOneMessageWhenQemuIsGone() throws Exception {
        try (LiveMachine machine = LiveMachine.start(dir)) {
            Process watch = process("explain", "--qmp", machine.qmp(), "--watch", "1", "--json");
            await("the first object", () -> out().endsWith("}\n"));
            machine.qemu().qmp().execute("quit");
            assertThat(watch.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
            assertThat(watch.exitValue()).isEqualTo(2);
            assertThat(JsonMapper.shared().readTree(out()).path("command").stringValue())
                    .isEqualTo("explain");
            assertThat(Files.readString(dir.resolve("err")))
                    .startsWith("belfry: ")
                    .doesNotContain("Exception");
        }
    }

    /// A qtest socket behind which nobody answers: the reader hangs while the machine is stopped.
    @Test
    void aMachineThatIsHeldStillGoesOnWhenTheReaderIsEndedByASignal() throws Exception {
        try (LiveMachine machine = LiveMachine.start(dir);
                ServerSocketChannel silent =
                        ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            silent.bind(UnixDomainSocketAddress.of(dir.resolve("silent")));
            Process reader =
                    process(
                            "explain",
                            "--qmp",
                            machine.qmp(),
                            "--stop",
                            "--qtest",
                            dir.resolve("silent").toString());
            await("the stop", () -> !machine.running());
            reader.destroy();
            assertThat(reader.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
            assertThat(machine.running()).isTrue();
        }
    }

    @Test
    void aWayThatFailsIsSaidAndTheNextOneIsTaken() throws Exception {
        try (LiveMachine machine = LiveMachine.start(dir);
                ServerSocketChannel silent =
                        ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            silent.bind(UnixDomainSocketAddress.of(dir.resolve("silent")));
            Ran ran =
                    Ran.belfry(
                            "explain",
                            "--qmp",
                            machine.qmp(),
                            "--stop",
                            "--qtest",
                            dir.resolve("silent").toString());
            assertThat(ran.status()).as(ran.err()).isEqualTo(1);
            assertThat(ran.out())
                    .contains("registers through the monitor (xp)")
                    .contains("Reading through qtest failed: QEMU did not answer on qtest");
            assertThat(machine.running()).isTrue();
        }
    }

    @Test
    void aMachineThatIsHeldStillGoesOnWhenTheReaderFails() {
        try (LiveMachine machine = LiveMachine.start(dir)) {
            for (String[] wrong :
                    new String[][] {
                        {"--ram", dir.resolve("absent").toString()},
                        {"--qtest", dir.resolve("absent").toString()},
                        {"09:00.0"},
                        {"00:02.0", "70"},
                    }) {
                List<String> words =
                        new ArrayList<>(List.of("explain", "--qmp", machine.qmp(), "--stop"));
                words.addAll(List.of(wrong));
                Ran ran = Ran.belfry(words.toArray(new String[0]));
                assertThat(ran.status()).as(ran.out()).isEqualTo(2);
                assertThat(ran.err().lines().count()).as(ran.err()).isLessThanOrEqualTo(2);
                assertThat(machine.running()).as(String.join(" ", wrong)).isTrue();
            }
        }
    }

    @Test
    void whatChangesUnderTheReaderIsSaid() throws Exception {
        try (LiveMachine machine = LiveMachine.start(dir)) {
            AtomicBoolean over = new AtomicBoolean();
            Thread writer =
                    Thread.ofPlatform()
                            .start(() -> {
                                // Bits of the STE that hardware ignores.
                                for (long n = 1; !over.get(); n++) {
                                    machine.qtest().write(LiveMachine.STE + 56, 8, n);
                                }
                            });
            Ran ran = Ran.belfry("explain", "--qmp", machine.qmp());
            over.set(true);
            writer.join();
            assertThat(ran.out())
                    .contains("Changed while it was read", "0x%x:".formatted(LiveMachine.STE + 56));
            assertThat(Ran.belfry("explain", "--qmp", machine.qmp()).out())
                    .doesNotContain("Changed while it was read");
        }
    }

    @Test
    void anElfCoreWithItsRegistersExplainsAsTheMachineDid() throws Exception {
        Path core = dir.resolve("core");
        Path registers = dir.resolve("core.regs");
        try (LiveMachine machine = LiveMachine.start(dir)) {
            machine.qtest().write(LiveMachine.STE, 8, 8);
            JsonNode live = Ran.belfry("explain", "--qmp", machine.qmp(), "--json").json();
            machine.qemu()
                    .qmp()
                    .execute(
                            "dump-guest-memory",
                            JsonMapper.shared()
                                    .createObjectNode()
                                    .put("paging", false)
                                    .put("protocol", "file:" + core));
            Files.writeString(registers, RegistersFile.of(machine.qtest()));

            Ran ran = Ran.belfry("explain", core.toString(), "--json");
            assertThat(ran.err()).isEmpty();
            JsonNode dead = ran.json();
            assertThat(dead.path("vectors").get(0))
                    .as(ran.out())
                    .isEqualTo(live.path("vectors").get(0));
            assertThat(dead.path("vectors").get(0).path("stoppedAt").stringValue())
                    .isEqualTo("STE");
            assertThat(Ran.belfry("explain", core.toString()).status()).isEqualTo(1);
        }
        Files.move(registers, dir.resolve("elsewhere"));
        Ran without = Ran.belfry("explain", core.toString());
        assertThat(without.status()).isEqualTo(2);
        assertThat(without.err()).contains("no device registers", "--registers");
        String elsewhere = dir.resolve("elsewhere").toString();
        assertThat(Ran.belfry("explain", core.toString(), "--registers", elsewhere).status())
                .isEqualTo(1);
    }
}
