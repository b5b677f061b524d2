package dev.belfry.qemu.live;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.qemu.QemuError;
import dev.belfry.qemu.gdb.GdbStub;
import dev.belfry.qemu.qmp.QmpClient;
import dev.belfry.qemu.qtest.QtestClient;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Peers that are not QEMU, or mean harm: one message within the time that was given.
@Timeout(60)
class HostilePeersTest {

    private static final Duration PATIENCE = Duration.ofMillis(300);
    private static final Duration LONG = Duration.ofSeconds(40);
    private static final String GREETING =
            """
            {"QMP": {"version": {"qemu": {"micro": 3, "minor": 1, "major": 11}}, "capabilities": []}}
            """;

    @TempDir Path dir;

    /// What a peer does with its one client.
    @FunctionalInterface
    private interface Peer {
        void serve(SocketChannel client) throws IOException, InterruptedException;
    }

    private static void say(SocketChannel client, String text) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1));
        while (bytes.hasRemaining()) {
            client.write(bytes);
        }
    }

    private Path peer(Peer peer) throws IOException {
        Path socket = dir.resolve("peer");
        ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        server.bind(UnixDomainSocketAddress.of(socket));
        Thread.ofPlatform()
                .daemon()
                .start(() -> {
                    try (server;
                            SocketChannel client = server.accept()) {
                        peer.serve(client);
                    } catch (IOException | InterruptedException e) {
                        // The client has gone: that is what is tested.
                        Thread.currentThread().interrupt();
                    }
                });
        return socket;
    }

    private void qmp(String says, Duration patience, Peer peer) throws IOException {
        Path socket = peer(peer);
        assertThatThrownBy(() -> QmpClient.connect(socket, patience))
                .isInstanceOf(QemuError.class)
                .hasMessageContaining(says)
                .hasMessageNotContaining("\n");
    }

    private static void forEver(SocketChannel client, String text) throws IOException {
        while (true) {
            say(client, text);
        }
    }

    @Test
    void aSilentQmpServerIsGivenUp() throws Exception {
        qmp("a QMP greeting", PATIENCE, client -> Thread.sleep(Duration.ofMinutes(1)));
    }

    @Test
    void aQmpServerThatClosesIsNamed() throws Exception {
        qmp("the QMP connection ended before", LONG, client -> {});
    }

    @Test
    void aQmpServerThatClosesMidwayIsNamed() throws Exception {
        qmp(
                "the QMP connection ended before an answer",
                LONG,
                client -> {
                    say(client, GREETING);
                    client.read(ByteBuffer.allocate(100));
                });
    }

    @Test
    void whatIsNoJsonIsNoQmp() throws Exception {
        qmp("what came is not QMP", LONG, client -> say(client, "HTTP/1.1 400 Bad Request\r\n"));
    }

    @Test
    void whatIsNoTextIsNoQmp() throws Exception {
        qmp("what came is not QMP", LONG, client -> say(client, "\u00ff\u00fe\u0080\n"));
    }

    @Test
    void aLineWithoutAnEndIsCutOff() throws Exception {
        Path socket = peer(client -> forEver(client, "x".repeat(1 << 16)));
        assertThatThrownBy(() -> QmpClient.connect(socket, LONG))
                .isInstanceOf(QemuError.class)
                .hasMessageContaining("a line of more than");
    }

    @Test
    void answersToNobodysQuestionsAreNoAnswer() throws Exception {
        qmp(
                "within 0.3 s",
                PATIENCE,
                client -> {
                    say(client, GREETING);
                    forEver(client, "{\"return\": {}, \"id\": 77}\n");
                });
    }

    @Test
    void aQtestServerThatSendsAByteNowAndThenIsGivenUp() throws Exception {
        Path socket =
                peer(client -> {
                    while (true) {
                        say(client, "O");
                        Thread.sleep(50);
                    }
                });
        try (QtestClient qtest = QtestClient.connect(socket, PATIENCE)) {
            assertThatThrownBy(() -> qtest.read(0x9050000, 4))
                    .isInstanceOf(QemuError.class)
                    .hasMessageContaining("did not answer on qtest within 0.3 s");
        }
    }

    @Test
    void interruptsThatNeverEndAreNoAnswer() throws Exception {
        Path socket = peer(client -> forEver(client, "IRQ raise 1\n"));
        try (QtestClient qtest = QtestClient.connect(socket, PATIENCE)) {
            assertThatThrownBy(() -> qtest.read(0x9050000, 4))
                    .isInstanceOf(QemuError.class)
                    .hasMessageContaining("did not answer on qtest within 0.3 s");
        }
    }

    @Test
    void aGdbServerThatOnlySaysThatItStoppedIsGivenUp() throws Exception {
        Path socket = peer(client -> forEver(client, "$T05#b9"));
        assertThatThrownBy(
                        () -> {
                            try (GdbStub gdb = GdbStub.connect(socket.toString(), PATIENCE)) {
                                gdb.read(0, 4);
                            }
                        })
                .isInstanceOf(QemuError.class)
                .hasMessageContaining("within 0.3 s");
    }
}
