package dev.belfry.vmm.qtest;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;

/// What QEMU's test library is to the stand-in: it listens on both sockets, starts the machine with
/// the library's command line, and talks.
final class TestProgram implements AutoCloseable {

    private final Thread standIn;
    private final Line qtest;
    private final Line qmp;

    TestProgram(Path directory, String... arguments) throws IOException {
        Path tests = directory.resolve("qtest.sock");
        Path monitor = directory.resolve("qtest.qmp");
        List<String> words = new ArrayList<>();
        words.addAll(List.of("-qtest", "unix:" + tests, "-qtest-log", "/dev/null"));
        words.addAll(List.of("-chardev", "socket,path=" + monitor + ",id=char0"));
        words.addAll(List.of("-mon", "chardev=char0,mode=control", "-display", "none"));
        words.addAll(List.of("-audio", "none", "-run-with", "exit-with-parent=on"));
        words.addAll(List.of(arguments));
        words.addAll(List.of("-accel", "qtest"));
        try (ServerSocketChannel first = listen(tests);
                ServerSocketChannel second = listen(monitor)) {
            InstantSource clock = InstantSource.fixed(Instant.EPOCH);
            standIn =
                    Thread.ofPlatform()
                            .start(() -> {
                                try {
                                    StandIn.run(words, clock);
                                } catch (IOException e) {
                                    throw new UncheckedIOException(e);
                                }
                            });
            qtest = new Line(first.accept());
            qmp = new Line(second.accept());
        }
    }

    private static ServerSocketChannel listen(Path path) throws IOException {
        ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        server.bind(UnixDomainSocketAddress.of(path));
        return server;
    }

    private record Line(SocketChannel channel, BufferedReader reader) {
        Line(SocketChannel channel) {
            this(channel, new BufferedReader(Channels.newReader(channel, StandardCharsets.UTF_8)));
        }

        void send(String text) throws IOException {
            ByteBuffer out = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
            while (out.hasRemaining()) {
                channel.write(out);
            }
        }

        String receive() throws IOException {
            String line = reader.readLine();
            return line == null ? "(end)" : line;
        }
    }

    /// A line and its reply.
    String qtest(String line) throws IOException {
        qtest.send(line + "\n");
        return qtest.receive();
    }

    /// One more line of a reply.
    String qtestLine() throws IOException {
        return qtest.receive();
    }

    /// A line without a reply of its own.
    void qtestSilently(String line) throws IOException {
        qtest.send(line + "\n");
    }

    String qmp(String text) throws IOException {
        qmp.send(text);
        return qmp.receive();
    }

    String qmpLine() throws IOException {
        return qmp.receive();
    }

    @Override
    public void close() throws IOException {
        qmp.channel().close();
        qtest.channel().close();
        try {
            standIn.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
