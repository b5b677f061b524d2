package dev.belfry.qemu.qtest;

import dev.belfry.qemu.QemuError;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;

/// Lines of text over a socket, each end with a time limit.
final class LineChannel implements AutoCloseable {

    private static final int LONGEST_LINE = 1 << 26;

    private final SocketChannel channel;
    private final Selector selector;
    private final SelectionKey key;
    private final long timeoutMillis;
    private final ByteBuffer in = ByteBuffer.allocate(1 << 16).flip();
    private byte[] line = new byte[1 << 12];

    LineChannel(SocketChannel channel, Duration timeout) throws IOException {
        this.channel = channel;
        this.timeoutMillis = Math.max(1, timeout.toMillis());
        channel.configureBlocking(false);
        this.selector = Selector.open();
        this.key = channel.register(selector, SelectionKey.OP_READ);
    }

    void send(String lines) throws IOException {
        ByteBuffer out = ByteBuffer.wrap(lines.getBytes(StandardCharsets.US_ASCII));
        while (channel.write(out) >= 0 && out.hasRemaining()) {
            await(SelectionKey.OP_WRITE);
        }
    }

    /// The next line, without its end.
    String receive() throws IOException {
        int length = 0;
        while (true) {
            while (in.hasRemaining()) {
                byte b = in.get();
                if (b == '\n') {
                    return new String(line, 0, length, StandardCharsets.US_ASCII).stripTrailing();
                }
                if (length == line.length) {
                    if (length >= LONGEST_LINE) {
                        throw new IOException("a line longer than " + LONGEST_LINE);
                    }
                    line = Arrays.copyOf(line, 2 * length);
                }
                line[length++] = b;
            }
            fill();
        }
    }

    /// Whether a line, or part of one, is there already.
    boolean pending() throws IOException {
        if (in.hasRemaining()) {
            return true;
        }
        in.clear();
        int n = channel.read(in);
        in.flip();
        return n > 0;
    }

    private void fill() throws IOException {
        in.clear();
        int n = channel.read(in);
        while (n == 0) {
            await(SelectionKey.OP_READ);
            n = channel.read(in);
        }
        in.flip();
        if (n < 0) {
            throw new IOException("QEMU closed the connection");
        }
    }

    private void await(int operation) throws IOException {
        key.interestOps(operation);
        int ready = selector.select(timeoutMillis);
        selector.selectedKeys().clear();
        if (ready == 0) {
            throw new QemuError(
                    "QEMU did not answer on qtest within " + timeoutMillis / 1000.0 + " s");
        }
    }

    @Override
    public void close() throws IOException {
        selector.close();
        channel.close();
    }
}
