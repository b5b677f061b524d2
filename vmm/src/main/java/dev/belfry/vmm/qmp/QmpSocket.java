package dev.belfry.vmm.qmp;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// A Unix socket that speaks QMP: one client after the other, all on the thread that serves, for
/// the machine lives on it.
public final class QmpSocket implements AutoCloseable {

    private static final int BUFFER = 1 << 16;

    private final Path path;
    private final ServerSocketChannel server;
    private volatile boolean open = true;
    private volatile @Nullable SocketChannel talking;

    private QmpSocket(Path path, ServerSocketChannel server) {
        this.path = path;
        this.server = server;
    }

    /// Binds the socket; a client may connect from now on, and waits until it is served. A socket
    /// that somebody left behind is replaced, as QEMU does it.
    ///
    /// @throws IOException when the path cannot be used
    public static QmpSocket bind(Path path) throws IOException {
        ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            Files.deleteIfExists(path);
            server.bind(UnixDomainSocketAddress.of(path));
        } catch (IOException | RuntimeException e) {
            server.close();
            throw e;
        }
        return new QmpSocket(path, server);
    }

    /// Serves until a client says `quit`, or [#close] is called on another thread.
    ///
    /// @param servers makes one server for each client
    public void serve(Supplier<QmpServer> servers) throws IOException {
        while (open) {
            try (SocketChannel client = server.accept()) {
                talking = client;
                QmpServer qmp = servers.get();
                serve(client, qmp);
                open &= !qmp.ended();
            } catch (ClosedChannelException e) {
                // Closed by another thread: that is how serving ends.
                return;
            } catch (IOException e) {
                // This client went away in the middle of something; another may come.
            } finally {
                talking = null;
            }
        }
    }

    private void serve(SocketChannel client, QmpServer qmp) throws IOException {
        send(client, List.of(qmp.greeting()));
        JsonStream stream = new JsonStream();
        ByteBuffer in = ByteBuffer.allocate(BUFFER);
        while (open && !qmp.ended() && client.read(in) >= 0) {
            in.flip();
            String text = StandardCharsets.UTF_8.decode(in).toString();
            in.clear();
            for (int i = 0; i < text.length() && !qmp.ended(); i++) {
                Optional<String> request = stream.next(text.charAt(i));
                if (request.isPresent()) {
                    send(client, qmp.reply(request.get()));
                }
            }
        }
    }

    private static void send(SocketChannel client, List<String> lines) throws IOException {
        StringBuilder text = new StringBuilder();
        lines.forEach(l -> text.append(l).append("\r\n"));
        ByteBuffer out = ByteBuffer.wrap(text.toString().getBytes(StandardCharsets.UTF_8));
        while (out.hasRemaining()) {
            client.write(out);
        }
    }

    /// Ends serving, and removes the socket.
    @Override
    public void close() throws IOException {
        open = false;
        server.close();
        SocketChannel client = talking;
        if (client != null) {
            client.close();
        }
        Files.deleteIfExists(path);
    }
}
