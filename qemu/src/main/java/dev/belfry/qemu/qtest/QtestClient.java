package dev.belfry.qemu.qtest;

import dev.belfry.model.bits.Hex;
import dev.belfry.qemu.QemuError;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/// A connection to QEMU's qtest server. Accesses are made with exactly the width asked for. Not for
/// several threads at once.
public final class QtestClient implements AutoCloseable {

    private static final int BULK = 1 << 16;

    /// Commands under way at once: few enough that neither end's socket buffer fills up.
    private static final int PIPELINE = 64;

    private final LineChannel lines;
    private final List<IrqChange> irqs = new ArrayList<>();

    private QtestClient(SocketChannel channel, Duration timeout) throws IOException {
        this.lines = new LineChannel(channel, timeout);
    }

    /// Connects to a QEMU that listens: `-qtest unix:PATH,server=on,wait=off`.
    ///
    /// @param timeout how long any answer may take
    /// @throws QemuError when nobody listens there
    public static QtestClient connect(Path path, Duration timeout) {
        try {
            return over(SocketChannel.open(UnixDomainSocketAddress.of(path)), timeout);
        } catch (IOException e) {
            throw new QemuError("no qtest at " + path + ": " + e.getMessage(), e);
        }
    }

    /// Over a channel that is connected already: QEMU as the client, `-qtest unix:PATH`.
    public static QtestClient over(SocketChannel channel, Duration timeout) {
        try {
            return new QtestClient(channel, timeout);
        } catch (IOException e) {
            throw new QemuError("qtest cannot be used: " + e.getMessage(), e);
        }
    }

    /// Sends one command and gives what follows `OK` in its reply, without the space.
    ///
    /// @throws QemuError when the reply is not `OK`, does not come, or the connection ends
    public String command(String command) {
        try {
            lines.send(command + "\n");
            return reply(command);
        } catch (IOException e) {
            throw lost(e);
        }
    }

    /// Sends several commands without waiting in between; replies in their order.
    public List<String> commands(List<String> commands) {
        List<String> out = new ArrayList<>(commands.size());
        try {
            for (int at = 0; at < commands.size(); at += PIPELINE) {
                List<String> some = commands.subList(at, Math.min(at + PIPELINE, commands.size()));
                lines.send(String.join("\n", some) + "\n");
                for (String command : some) {
                    out.add(reply(command));
                }
            }
        } catch (IOException e) {
            throw lost(e);
        }
        return out;
    }

    private String reply(String command) throws IOException {
        lines.begin();
        while (true) {
            String line = lines.receive();
            if (line.startsWith("IRQ ")) {
                irq(line);
            } else if (line.equals("OK") || line.startsWith("OK ")) {
                return line.substring(Math.min(3, line.length()));
            } else {
                throw new QemuError("qtest " + brief(command) + " failed: " + brief(line));
            }
        }
    }

    private void irq(String line) {
        String[] words = line.split(" ");
        if (words.length == 3) {
            try {
                irqs.add(new IrqChange(words[1].equals("raise"), Integer.parseInt(words[2])));
            } catch (NumberFormatException e) {
                throw new QemuError("qtest sent " + brief(line), e);
            }
        }
    }

    private static QemuError lost(IOException e) {
        return new QemuError("the qtest connection ended: " + e.getMessage(), e);
    }

    private static String brief(String text) {
        return text.length() <= 80 ? text : text.substring(0, 80) + "...";
    }

    /// One read of `width` bytes (1, 2, 4 or 8), zero-extended.
    public long read(long address, int width) {
        return number(command(readCommand(address, width)));
    }

    /// One write of the low `width` bytes (1, 2, 4 or 8) of `value`.
    public void write(long address, int width, long value) {
        command(writeCommand(address, width, value));
    }

    /// The command that [#read(long, int)] sends.
    public static String readCommand(long address, int width) {
        return "read" + suffix(width) + " " + Hex.of(address);
    }

    /// The command that [#write(long, int, long)] sends.
    public static String writeCommand(long address, int width, long value) {
        return "write" + suffix(width) + " " + Hex.of(address) + " " + Hex.of(value);
    }

    /// The command that writes all of `bytes`; for at most 64 KiB.
    public static String writeCommand(long address, byte[] bytes) {
        return "b64write "
                + Hex.of(address)
                + " "
                + Hex.of(bytes.length)
                + " "
                + Base64.getEncoder().encodeToString(bytes);
    }

    /// The command that reads `length` bytes, replied to in Base64; for at most 64 KiB.
    public static String readBytesCommand(long address, int length) {
        return "b64read " + Hex.of(address) + " " + Hex.of(length);
    }

    /// The number in a reply.
    public static long number(String reply) {
        try {
            return Long.parseUnsignedLong(reply.substring(Math.min(2, reply.length())), 16);
        } catch (NumberFormatException e) {
            throw new QemuError("qtest replied " + brief(reply) + " where a number belongs", e);
        }
    }

    /// The bytes in a reply.
    public static byte[] bytes(String reply) {
        try {
            return Base64.getDecoder().decode(reply);
        } catch (IllegalArgumentException e) {
            throw new QemuError("qtest replied " + brief(reply) + " where bytes belong", e);
        }
    }

    private static char suffix(int width) {
        return switch (width) {
            case 1 -> 'b';
            case 2 -> 'w';
            case 4 -> 'l';
            case 8 -> 'q';
            default -> throw new IllegalArgumentException("width " + width);
        };
    }

    /// Reads `length` bytes; for RAM, where the widths of the accesses do not matter.
    public byte[] readBytes(long address, int length) {
        byte[] out = new byte[length];
        for (int at = 0; at < length; at += BULK) {
            int n = Math.min(BULK, length - at);
            byte[] some = bytes(command(readBytesCommand(address + at, n)));
            System.arraycopy(some, 0, out, at, Math.min(n, some.length));
        }
        return out;
    }

    /// Writes bytes; for RAM.
    public void writeBytes(long address, byte[] bytes) {
        for (int at = 0; at < bytes.length; at += BULK) {
            int n = Math.min(BULK, bytes.length - at);
            byte[] some = new byte[n];
            System.arraycopy(bytes, at, some, 0, n);
            command(writeCommand(address + at, some));
        }
    }

    /// Fills `length` bytes with the low byte of `value`.
    public void fill(long address, long length, int value) {
        command("memset " + Hex.of(address) + " " + Hex.of(length) + " " + Hex.of(value & 0xff));
    }

    /// Lets the virtual clock go on by `nanoseconds`; timers that fall due run. Gives the time.
    public long clockStep(long nanoseconds) {
        try {
            return Long.parseLong(command("clock_step " + nanoseconds));
        } catch (NumberFormatException e) {
            throw new QemuError("qtest clock_step gave no number", e);
        }
    }

    /// From now on changes of the interrupt lines into the device at `qomPath` are told; see
    /// [#takeIrqs].
    public void interceptIrqsInto(String qomPath) {
        command("irq_intercept_in " + qomPath);
    }

    /// From now on changes of the interrupt lines out of the device at `qomPath` are told.
    public void interceptIrqsOutOf(String qomPath) {
        command("irq_intercept_out " + qomPath);
    }

    /// Drives an input line of the device at `qomPath`.
    ///
    /// @param name the line's name, `unnamed-gpio-in` when it has none
    public void setIrq(String qomPath, String name, int line, int level) {
        command("set_irq_in " + qomPath + " " + name + " " + line + " " + level);
    }

    /// Changes of intercepted lines that were told since the last call, oldest first.
    public List<IrqChange> takeIrqs() {
        try {
            lines.begin();
            while (lines.pending()) {
                String line = lines.receive();
                if (!line.startsWith("IRQ ")) {
                    throw new QemuError("qtest sent " + brief(line) + " unasked");
                }
                irq(line);
            }
        } catch (IOException e) {
            throw lost(e);
        }
        List<IrqChange> out = List.copyOf(irqs);
        irqs.clear();
        return out;
    }

    /// Ends the connection. QEMU goes on, or ends when qtest is its accelerator.
    @Override
    public void close() {
        try {
            lines.close();
        } catch (IOException e) {
            throw lost(e);
        }
    }
}
