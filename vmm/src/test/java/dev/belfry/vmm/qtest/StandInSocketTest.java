package dev.belfry.vmm.qtest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// The stand-in over real sockets, as QEMU's test library opens them: the test listens, the process
/// connects.
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class StandInSocketTest {

    private static final String CR0 = "0x9050020";

    private Path folder = Path.of("");

    @SuppressWarnings("NullAway.Init")
    private Peer tests;

    @SuppressWarnings("NullAway.Init")
    private Peer monitor;

    private Thread process = new Thread();
    private final AtomicReference<Throwable> failure = new AtomicReference<>();

    /// One end of a connection, line by line.
    private record Peer(SocketChannel channel, BufferedReader in, PrintWriter out) {

        static Peer of(SocketChannel channel) {
            return new Peer(
                    channel,
                    new BufferedReader(Channels.newReader(channel, StandardCharsets.UTF_8)),
                    new PrintWriter(Channels.newWriter(channel, StandardCharsets.UTF_8), true));
        }

        String ask(String line) throws IOException {
            send(line);
            return in.readLine();
        }

        void send(String line) {
            out.print(line + "\n");
            out.flush();
        }
    }

    @BeforeEach
    void start() throws IOException {
        folder = Files.createTempDirectory("belfry");
        try (ServerSocketChannel qtest = listen("t");
                ServerSocketChannel qmp = listen("m")) {
            List<String> words =
                    List.of(
                            "-machine",
                            "virt,iommu=smmuv3",
                            "-qtest",
                            "unix:" + folder.resolve("t"),
                            "-qmp",
                            "unix:" + folder.resolve("m"));
            process =
                    Thread.ofPlatform()
                            .daemon()
                            .uncaughtExceptionHandler((thread, e) -> failure.set(e))
                            .start(() -> run(words));
            tests = Peer.of(qtest.accept());
            monitor = Peer.of(qmp.accept());
        }
        assertThat(monitor.in.readLine()).startsWith("{\"QMP\"");
    }

    private static void run(List<String> words) {
        try {
            StandIn.run(words, InstantSource.system());
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private ServerSocketChannel listen(String name) throws IOException {
        return ServerSocketChannel.open(StandardProtocolFamily.UNIX)
                .bind(UnixDomainSocketAddress.of(folder.resolve(name)));
    }

    @AfterEach
    void end() throws IOException, InterruptedException {
        tests.channel.close();
        monitor.channel.close();
        process.join();
        Files.deleteIfExists(folder.resolve("t"));
        Files.deleteIfExists(folder.resolve("m"));
        Files.deleteIfExists(folder);
        assertThat(failure.get()).isNull();
    }

    @Test
    void systemResetPutsRegistersBackAndKeepsMemory() throws IOException {
        assertThat(tests.ask("writel " + CR0 + " 0x8")).isEqualTo("OK");
        assertThat(tests.ask("writel 0x40000000 0x12345678")).isEqualTo("OK");
        assertThat(tests.ask("readl " + CR0)).isEqualTo("OK 0x0000000000000008");

        assertThat(monitor.ask("{\"execute\": \"qmp_capabilities\"}")).contains("\"return\"");
        assertThat(monitor.ask("{\"execute\": \"system_reset\", \"id\": 7}"))
                .contains("\"return\"")
                .contains("\"id\":7");
        assertThat(monitor.in.readLine()).contains("\"event\":\"RESET\"");

        assertThat(tests.ask("readl " + CR0)).isEqualTo("OK 0x0000000000000000");
        assertThat(tests.ask("readl 0x40000000")).isEqualTo("OK 0x0000000012345678");
    }

    @Test
    void quitEndsBothConnectionsAndNothingElse() throws IOException, InterruptedException {
        monitor.ask("{\"execute\": \"qmp_capabilities\"}");
        assertThat(monitor.ask("{\"execute\": \"quit\"}")).contains("\"return\"");

        process.join(); // it returns, and whoever called it goes on
        assertThat(tests.in.readLine()).isNull();
    }

    @Test
    void anyBytesAreAnsweredAndTheNextLineIsUnderstood() throws IOException {
        Random random = new Random(20261121);
        String alphabet = "{}[]\"'\\,:0x19abcdefwritelreadqmemset execute \t\u0001é";
        for (int i = 0; i < 300; i++) {
            StringBuilder line = new StringBuilder();
            int length = random.nextInt(60);
            for (int j = 0; j < length; j++) {
                line.append(alphabet.charAt(random.nextInt(alphabet.length())));
            }
            tests.send(line.toString());
            monitor.send(line.toString());
        }
        tests.send("endianness");
        String reply = tests.in.readLine();
        while (!reply.equals("OK little")) {
            assertThat(reply).matches("(OK|FAIL|ERR|IRQ).*");
            reply = tests.in.readLine();
        }
        // What is open on the monitor is closed by a line end within a string.
        monitor.send("\"\n\"\n]]]]]]]]]]]]]]]]]]]]\n}}}}}}}}}}}}}}}}}}}}\n'\n");
        monitor.send("{\"execute\": \"qmp_capabilities\", \"id\": \"last\"}");
        String last = monitor.in.readLine();
        while (!last.contains("\"last\"")) {
            assertThat(last).contains("error");
            last = monitor.in.readLine();
        }
    }
}
