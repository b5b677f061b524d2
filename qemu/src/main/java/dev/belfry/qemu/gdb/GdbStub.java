package dev.belfry.qemu.gdb;

import dev.belfry.qemu.QemuError;
import dev.belfry.qemu.channel.TimedChannel;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HexFormat;

/// A connection to QEMU's GDB server, in physical memory mode. QEMU pauses the machine when one
/// connects; to let it go on is up to who paused it through the monitor before.
public final class GdbStub implements AutoCloseable {

    /// Bytes a read asks for: QEMU's packets hold 4,096 characters.
    private static final int BULK = 1024;

    private static final int LONGEST_PACKET = 1 << 20;
    private static final HexFormat HEX = HexFormat.of();

    private final TimedChannel channel;
    private final String name;

    private GdbStub(TimedChannel channel, String name) {
        this.channel = channel;
        this.name = name;
    }

    /// Connects and asks for physical memory.
    ///
    /// @param address `HOST:PORT`, `:PORT`, or the path of a Unix socket
    /// @param timeout how long any answer may take
    /// @throws QemuError when nobody listens there, or it is not QEMU's server
    public static GdbStub connect(String address, Duration timeout) {
        try {
            SocketChannel socket = SocketChannel.open(socketAddress(address));
            TimedChannel channel = new TimedChannel(socket, "its GDB server", timeout);
            return begin(new GdbStub(channel, address));
        } catch (IOException | IllegalArgumentException e) {
            throw new QemuError("no GDB server at " + address + ": " + e.getMessage(), e);
        }
    }

    private static GdbStub begin(GdbStub stub) {
        try {
            if (!stub.ask("Qqemu.PhyMemMode:1").equals("OK")) {
                throw new QemuError(
                        "the GDB server at " + stub.name + " does not show physical memory");
            }
            return stub;
        } catch (QemuError e) {
            stub.close();
            throw e;
        }
    }

    private static SocketAddress socketAddress(String address) {
        int colon = address.lastIndexOf(':');
        if (address.contains("/") || colon < 0) {
            return UnixDomainSocketAddress.of(address);
        }
        String host = colon == 0 ? "localhost" : address.substring(0, colon);
        return new InetSocketAddress(host, Integer.parseInt(address.substring(colon + 1)));
    }

    /// Where it is.
    public String address() {
        return name;
    }

    /// `length` bytes at a physical address, or none when the server refuses. QEMU reads registers
    /// by the length that is asked for, so only 4 is right for them; what nothing answers for reads
    /// as 0.
    public byte[] read(long address, int length) {
        byte[] out = new byte[length];
        for (int at = 0; at < length; at += BULK) {
            int n = Math.min(BULK, length - at);
            byte[] some =
                    bytes(ask("m" + Long.toHexString(address + at) + "," + Integer.toHexString(n)));
            if (some.length != n) {
                return new byte[0];
            }
            System.arraycopy(some, 0, out, at, n);
        }
        return out;
    }

    /// What a line of QEMU's monitor prints.
    ///
    /// @throws QemuError when the server does not pass it on
    public String monitor(String line) {
        send("qRcmd," + HEX.formatHex(line.getBytes(StandardCharsets.UTF_8)));
        StringBuilder out = new StringBuilder();
        while (true) {
            String reply = receive();
            if (reply.equals("OK")) {
                return out.toString().replace("\r", "");
            }
            if (!reply.startsWith("O")) {
                throw new QemuError("the GDB server at " + name + " has no monitor");
            }
            out.append(new String(bytes(reply.substring(1)), StandardCharsets.UTF_8));
        }
    }

    private static byte[] bytes(String reply) {
        try {
            return HEX.parseHex(reply);
        } catch (IllegalArgumentException e) {
            return new byte[0];
        }
    }

    private String ask(String packet) {
        send(packet);
        return receive();
    }

    private void send(String packet) {
        channel.begin();
        try {
            channel.send(
                    ("$" + packet + "#" + HEX.toHexDigits((byte) sum(packet)))
                            .getBytes(StandardCharsets.ISO_8859_1));
        } catch (IOException e) {
            throw lost(e);
        }
    }

    /// The next reply. That the machine stopped, which may come at any time, is none.
    private String receive() {
        channel.begin();
        String packet = packet();
        while (packet.startsWith("T") || packet.startsWith("S")) {
            packet = packet();
        }
        return packet;
    }

    /// The next packet, which is acknowledged; what is between packets is passed over.
    private String packet() {
        try {
            while (channel.next() != '$') {
                // Acknowledgements of what was sent.
            }
            StringBuilder out = new StringBuilder();
            for (int c = channel.next(); c != '#'; c = channel.next()) {
                if (out.length() == LONGEST_PACKET) {
                    throw new QemuError("the GDB server at " + name + " sends no end of packet");
                }
                out.append((char) c);
            }
            int said = HexFormat.fromHexDigit(channel.next()) << 4;
            said |= HexFormat.fromHexDigit(channel.next());
            if (said != (sum(out) & 0xff)) {
                throw new QemuError("the GDB server at " + name + " sent a damaged packet");
            }
            channel.send(new byte[] {'+'});
            return out.toString();
        } catch (IOException | NumberFormatException e) {
            throw lost(e);
        }
    }

    private QemuError lost(Exception e) {
        return new QemuError(
                "the connection to the GDB server at " + name + " ended: " + e.getMessage(), e);
    }

    private static int sum(CharSequence packet) {
        return packet.chars().sum();
    }

    /// Ends the connection, with the server as it was for whoever connects next. The machine stays
    /// paused.
    @Override
    public void close() {
        try (channel) {
            ask("Qqemu.PhyMemMode:0");
        } catch (IOException e) {
            throw lost(e);
        }
    }
}
