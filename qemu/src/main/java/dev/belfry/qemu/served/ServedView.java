package dev.belfry.qemu.served;

import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.SPARSE;
import static java.nio.file.StandardOpenOption.WRITE;

import dev.belfry.model.system.Snapshot;
import dev.belfry.model.system.SystemView.Ram;
import dev.belfry.qemu.QemuError;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.Writer;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/// Listens on a QMP and a qtest socket and answers for what was seen of a machine, one client at a
/// time on each, until it is closed. Where the machine has one range of RAM, a sparse file holds
/// it, as `memory-backend-file` would.
public final class ServedView implements AutoCloseable {

    private final Path qmp;
    private final Path qtest;
    private final List<ServerSocketChannel> sockets = new ArrayList<>();
    private final Path ram;
    private final Object asking = new Object();

    /// Begins to serve.
    ///
    /// @param dir where the sockets are made
    /// @throws QemuError when they cannot be made
    public ServedView(Snapshot view, Path dir) {
        this.qmp = dir.resolve("qmp");
        this.qtest = dir.resolve("qtest");
        this.ram = dir.resolve("ram");
        ServedMemory memory = new ServedMemory(view);
        ServedMonitor monitor = new ServedMonitor(view, memory, ram);
        try {
            if (view.ram().size() == 1) {
                write(view);
            }
            listen(qmp, ServedMonitor.GREETING + "\r\n", monitor::reply);
            listen(qtest, "", new ServedQtest(memory)::reply);
        } catch (IOException e) {
            close();
            throw new QemuError("no sockets in " + dir + ": " + e.getMessage(), e);
        }
    }

    /// The QMP socket.
    public Path qmp() {
        return qmp;
    }

    /// The qtest socket.
    public Path qtest() {
        return qtest;
    }

    private void write(Snapshot view) throws IOException {
        Ram range = view.ram().getFirst();
        try (FileChannel file = FileChannel.open(ram, CREATE_NEW, WRITE, SPARSE)) {
            for (long page : view.memory().addresses()) {
                if (Long.compareUnsigned(page - range.base(), range.size()) < 0) {
                    file.write(
                            ByteBuffer.wrap(view.memory().page(page).toArray()),
                            page - range.base());
                }
            }
            file.write(ByteBuffer.allocate(1), range.size() - 1);
        }
    }

    private void listen(Path path, String greeting, UnaryOperator<String> reply)
            throws IOException {
        ServerSocketChannel socket = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        sockets.add(socket);
        socket.bind(UnixDomainSocketAddress.of(path));
        Thread.ofPlatform()
                .daemon()
                .name("serves " + path)
                .start(() -> serve(socket, greeting, reply));
    }

    private void serve(ServerSocketChannel socket, String greeting, UnaryOperator<String> reply) {
        while (socket.isOpen()) {
            one(socket, greeting, reply);
        }
    }

    private void one(ServerSocketChannel socket, String greeting, UnaryOperator<String> reply) {
        try (SocketChannel client = socket.accept()) {
            talk(client, greeting, reply);
        } catch (IOException e) {
            // This client has gone, and the next may come; or nobody is to be served any more.
            return;
        }
    }

    private void talk(SocketChannel client, String greeting, UnaryOperator<String> reply)
            throws IOException {
        BufferedReader in = new BufferedReader(Channels.newReader(client, StandardCharsets.UTF_8));
        Writer out = new BufferedWriter(Channels.newWriter(client, StandardCharsets.UTF_8));
        out.write(greeting);
        out.flush();
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            synchronized (asking) {
                out.write(reply.apply(line) + "\n");
            }
            if (!in.ready()) {
                out.flush();
            }
        }
    }

    @Override
    public void close() {
        try {
            for (ServerSocketChannel socket : sockets) {
                socket.close();
            }
            Files.deleteIfExists(qmp);
            Files.deleteIfExists(qtest);
            Files.deleteIfExists(ram);
        } catch (IOException e) {
            throw new QemuError("a socket cannot be closed: " + e.getMessage(), e);
        }
    }
}
