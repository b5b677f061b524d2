package dev.belfry.vmm.qtest;

import dev.belfry.vmm.qmp.JsonStream;
import dev.belfry.vmm.qmp.QmpServer;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/// A process that QEMU's test programs take for `qemu-system-aarch64`.
public final class StandIn {

    private static final int BUFFER = 1 << 16;

    /// Longer lines are answered as if they were cut there.
    private static final int LONGEST_LINE = 1 << 27;

    private final StandInOptions options;
    private final QtestServer qtest;
    private final QmpServer qmp;

    /// Requests of both connections, one at a time.
    private final Object turn = new Object();

    private StandIn(StandInOptions options, InstantSource clock) {
        this.options = options;
        StandInMachine machine = new StandInMachine(options);
        this.qtest = new QtestServer(machine);
        this.qmp = new QmpServer(machine, clock);
    }

    /// Answers on the sockets that the command line names, until `quit`, or until a connection
    /// ends.
    ///
    /// @param arguments what follows `qemu-system-aarch64`; what is not known is passed over
    /// @param clock time of QMP events
    /// @throws IOException when a socket cannot be used
    public static void run(List<String> arguments, InstantSource clock) throws IOException {
        new StandIn(StandInOptions.of(arguments), clock).serve();
    }

    private void serve() throws IOException {
        Optional<SocketChannel> tests = open(options.qtest());
        Optional<SocketChannel> monitor = open(options.qmp());
        Thread second =
                Thread.ofPlatform()
                        .daemon()
                        .unstarted(() -> monitor.ifPresent(m -> monitorUntilEnd(m, tests)));
        second.start();
        try {
            if (tests.isPresent()) {
                test(tests.get());
            } else {
                join(second);
            }
        } catch (ClosedChannelException e) {
            // `quit` on the monitor ends the tests as well.
            if (!qmp.ended()) {
                throw e;
            }
        } finally {
            close(tests);
            close(monitor);
        }
    }

    private static void close(Optional<SocketChannel> channel) throws IOException {
        if (channel.isPresent()) {
            channel.get().close();
        }
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static Optional<SocketChannel> open(Optional<StandInOptions.Socket> socket)
            throws IOException {
        if (socket.isEmpty()) {
            return Optional.empty();
        }
        UnixDomainSocketAddress address = UnixDomainSocketAddress.of(socket.get().path());
        if (!socket.get().server()) {
            return Optional.of(SocketChannel.open(address));
        }
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(address);
            return Optional.of(server.accept());
        }
    }

    private void test(SocketChannel channel) throws IOException {
        ByteBuffer in = ByteBuffer.allocate(BUFFER);
        StringBuilder line = new StringBuilder();
        while (channel.read(in) >= 0 && !qmp.ended()) {
            in.flip();
            StringBuilder out = new StringBuilder();
            while (in.hasRemaining()) {
                char c = (char) (in.get() & 0xff);
                if (c == '\n' || line.length() >= LONGEST_LINE) {
                    answer(line.toString(), out);
                    line.setLength(0);
                } else {
                    line.append(c);
                }
            }
            in.clear();
            send(channel, out.toString());
        }
    }

    private void answer(String line, StringBuilder out) {
        synchronized (turn) {
            String reply = qtest.reply(line);
            if (!reply.isEmpty()) {
                out.append(reply).append('\n');
            }
        }
    }

    /// The monitor's end is not the process's: a test may close it first.
    private void monitorUntilEnd(SocketChannel channel, Optional<SocketChannel> tests) {
        try {
            send(channel, qmp.greeting() + "\r\n");
            JsonStream stream = new JsonStream();
            ByteBuffer in = ByteBuffer.allocate(BUFFER);
            while (channel.read(in) >= 0) {
                in.flip();
                String text = StandardCharsets.UTF_8.decode(in).toString();
                in.clear();
                for (int i = 0; i < text.length(); i++) {
                    Optional<String> request = stream.next(text.charAt(i));
                    if (request.isPresent()) {
                        send(channel, replies(request.get()));
                    }
                }
                if (qmp.ended()) {
                    close(tests);
                    return;
                }
            }
        } catch (IOException e) {
            // The other side is gone.
            return;
        }
    }

    private String replies(String request) {
        synchronized (turn) {
            StringBuilder out = new StringBuilder();
            qmp.reply(request).forEach(r -> out.append(r).append("\r\n"));
            return out.toString();
        }
    }

    private static void send(SocketChannel channel, String text) throws IOException {
        ByteBuffer out = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
        while (out.hasRemaining()) {
            channel.write(out);
        }
    }
}
