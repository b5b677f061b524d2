package dev.belfry.qemu.qtest;

import dev.belfry.qemu.channel.TimedChannel;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;

/// Lines of text over a socket, each end with a time limit.
final class LineChannel implements AutoCloseable {

    private static final int LONGEST_LINE = 1 << 26;

    private final TimedChannel channel;
    private byte[] line = new byte[1 << 12];

    LineChannel(SocketChannel channel, Duration timeout) throws IOException {
        this.channel = new TimedChannel(channel, "qtest", timeout);
    }

    /// As [TimedChannel#begin].
    void begin() {
        channel.begin();
    }

    void send(String lines) throws IOException {
        channel.begin();
        channel.send(lines.getBytes(StandardCharsets.US_ASCII));
    }

    /// The next line, without its end.
    String receive() throws IOException {
        int length = 0;
        while (true) {
            int b = channel.next();
            if (b == '\n') {
                return new String(line, 0, length, StandardCharsets.US_ASCII).stripTrailing();
            }
            if (length == line.length) {
                if (length >= LONGEST_LINE) {
                    throw new IOException("a line longer than " + LONGEST_LINE);
                }
                line = Arrays.copyOf(line, 2 * length);
            }
            line[length++] = (byte) b;
        }
    }

    /// Whether a line, or part of one, is there already.
    boolean pending() throws IOException {
        return channel.pending();
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
