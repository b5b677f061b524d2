package dev.belfry.qemu.channel;

import dev.belfry.qemu.QemuError;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.time.Duration;

/// Bytes over a socket, each wait with a time limit. Not for several threads at once.
public final class TimedChannel implements AutoCloseable {

    private final SocketChannel channel;
    private final String protocol;
    private final Selector selector;
    private final SelectionKey key;
    private final long timeoutMillis;
    private final ByteBuffer in = ByteBuffer.allocate(1 << 16).flip();
    private long deadline;

    /// @param channel connected
    /// @param protocol its name, for messages
    /// @param timeout how long any answer may take, from [#begin] on
    public TimedChannel(SocketChannel channel, String protocol, Duration timeout)
            throws IOException {
        this.channel = channel;
        this.protocol = protocol;
        this.timeoutMillis = Math.max(1, timeout.toMillis());
        channel.configureBlocking(false);
        this.selector = Selector.open();
        this.key = channel.register(selector, SelectionKey.OP_READ);
        begin();
    }

    /// An answer is waited for from now on: a peer that sends something all the time, but never the
    /// whole of it, has no more time than one that is silent.
    public void begin() {
        deadline = System.nanoTime() + timeoutMillis * 1_000_000;
    }

    /// Sends all of `bytes`.
    public void send(byte[] bytes) throws IOException {
        ByteBuffer out = ByteBuffer.wrap(bytes);
        while (channel.write(out) >= 0 && out.hasRemaining()) {
            await(SelectionKey.OP_WRITE);
        }
    }

    /// The next byte, zero-extended.
    ///
    /// @throws IOException when QEMU ended the connection
    /// @throws QemuError when nothing comes in time
    public int next() throws IOException {
        if (!in.hasRemaining()) {
            fill();
        }
        return in.get() & 0xff;
    }

    /// Whether a byte is there already.
    public boolean pending() throws IOException {
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
        int n = left() > 0 ? channel.read(in) : 0;
        while (n == 0) {
            await(SelectionKey.OP_READ);
            n = channel.read(in);
        }
        in.flip();
        if (n < 0) {
            throw new IOException("QEMU closed the connection");
        }
    }

    private long left() {
        return (deadline - System.nanoTime() + 999_999) / 1_000_000;
    }

    private void await(int operation) throws IOException {
        key.interestOps(operation);
        long left = left();
        int ready = left > 0 ? selector.select(left) : 0;
        selector.selectedKeys().clear();
        if (ready == 0) {
            throw new QemuError(
                    "QEMU did not answer on "
                            + protocol
                            + " within "
                            + timeoutMillis / 1000.0
                            + " s");
        }
    }

    @Override
    public void close() throws IOException {
        selector.close();
        channel.close();
    }
}
