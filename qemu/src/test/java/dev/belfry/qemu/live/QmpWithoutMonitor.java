package dev.belfry.qemu.live;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/// A QMP socket in front of a real one, which passes on all but the human monitor: as what manages
/// a VM may do.
final class QmpWithoutMonitor implements AutoCloseable {

    private final Path path;
    private final ServerSocketChannel server;

    QmpWithoutMonitor(Path path, Path behind) throws IOException {
        this.path = path;
        this.server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        server.bind(UnixDomainSocketAddress.of(path));
        Thread.ofVirtual().start(() -> serve(behind));
    }

    Path path() {
        return path;
    }

    private void serve(Path behind) {
        while (server.isOpen()) {
            one(behind);
        }
    }

    private void one(Path behind) {
        try (SocketChannel client = server.accept();
                SocketChannel qemu = SocketChannel.open(UnixDomainSocketAddress.of(behind))) {
            Thread.ofVirtual().start(() -> copy(qemu, client));
            forward(client, qemu);
        } catch (IOException e) {
            // The test is over, or this client is; the next one may come.
            return;
        }
    }

    private static void forward(SocketChannel client, SocketChannel qemu) throws IOException {
        BufferedReader lines =
                new BufferedReader(Channels.newReader(client, StandardCharsets.UTF_8));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            boolean refused = line.contains("\"human-monitor-command\"");
            String id = line.replaceAll(".*\"id\": ?(\\d+).*", "$1");
            write(refused ? client : qemu, refused ? refusal(id) : line + "\n");
        }
    }

    private static String refusal(String id) {
        return "{\"error\": {\"class\": \"CommandNotFound\", \"desc\": \"The command"
                + " human-monitor-command has not been found\"}, \"id\": "
                + id
                + "}\n";
    }

    private static void write(SocketChannel to, String text) throws IOException {
        ByteBuffer out = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
        while (out.hasRemaining()) {
            to.write(out);
        }
    }

    private static void copy(SocketChannel from, SocketChannel to) {
        ByteBuffer some = ByteBuffer.allocate(1 << 14);
        try {
            while (from.read(some) >= 0) {
                some.flip();
                while (some.hasRemaining()) {
                    to.write(some);
                }
                some.clear();
            }
        } catch (IOException e) {
            // One of the two has gone: so does this.
            return;
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
