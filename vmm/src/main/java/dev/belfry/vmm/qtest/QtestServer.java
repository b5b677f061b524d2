package dev.belfry.vmm.qtest;

import dev.belfry.model.memory.PhysicalMemory;
import dev.belfry.model.smmu.SmmuInterrupts;
import dev.belfry.vmm.cmdline.Quantities;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Locale;
import java.util.OptionalLong;

/// QEMU's qtest protocol: a line in, a line out (QEMU's `system/qtest.c`).
final class QtestServer {

    private static final int MOST_BYTES = 1 << 26;
    private static final int PIECE = 1 << 16;

    /// Which interrupt lines a test follows: none, those that go into the GIC, those that leave the
    /// SMMU.
    private enum Intercept {
        NONE,
        IN,
        OUT
    }

    /// The GIC's input that the SMMU's first line is wired to on `virt`; the others follow.
    private static final int FIRST_INPUT = 74;

    private final StandInMachine machine;
    private long nanoseconds;
    private Intercept intercept = Intercept.NONE;
    private final StringBuilder changes = new StringBuilder();

    QtestServer(StandInMachine machine) {
        this.machine = machine;
        machine.onInterrupt(this::pulsed);
    }

    private void pulsed(SmmuInterrupts.Line line) {
        if (intercept != Intercept.NONE) {
            int number = output(line) + (intercept == Intercept.IN ? FIRST_INPUT : 0);
            changes.append("IRQ raise ").append(number).append('\n');
            changes.append("IRQ lower ").append(number).append('\n');
        }
    }

    /// The SMMU's lines as QEMU numbers them.
    private static int output(SmmuInterrupts.Line line) {
        return switch (line) {
            case EVENTQ -> 0;
            case PRIQ -> 1;
            case CMD_SYNC -> 2;
            case GERROR -> 3;
        };
    }

    /// The reply to one line, without its end; empty when none is due. Changes of interrupt lines
    /// that a test follows go before it, a line each.
    String reply(String line) {
        String[] words = line.strip().split(" +");
        if (words[0].isEmpty()) {
            return "";
        }
        try {
            String reply = command(words);
            return changes + reply;
        } catch (IllegalArgumentException e) {
            return changes + "FAIL " + words[0] + ": " + e.getMessage();
        } finally {
            changes.setLength(0);
        }
    }

    private String command(String[] w) {
        return switch (w[0]) {
            case "readb", "readw", "readl", "readq" -> read(w, width(w[0].charAt(4)));
            case "writeb", "writew", "writel", "writeq" -> write(w, width(w[0].charAt(5)));
            case "inb", "inw", "inl" -> {
                number(w, 1);
                yield String.format(
                        Locale.ROOT,
                        "OK 0x%04x",
                        0xffff_ffffL >>> (32 - 8 * width(w[0].charAt(2))));
            }
            case "outb", "outw", "outl" -> {
                number(w, 1);
                number(w, 2);
                yield "OK";
            }
            case "read" -> "OK 0x" + HexFormat.of().formatHex(bytes(number(w, 1), length(w, 1)));
            case "b64read" ->
                    "OK " + Base64.getEncoder().encodeToString(bytes(number(w, 1), length(w, 0)));
            case "write" -> writeHex(w);
            case "b64write" -> writeBase64(w);
            case "memset" -> memset(w);
            case "endianness" -> "OK little";
            case "clock_step" -> clock(w.length > 1 ? nanoseconds + number(w, 1) : nanoseconds);
            case "clock_set" -> clock(number(w, 1));
            case "irq_intercept_in" -> intercept(w, Intercept.IN);
            case "irq_intercept_out" -> intercept(w, Intercept.OUT);
            case "set_irq_in" -> {
                word(w, 2);
                number(w, 3);
                number(w, 4);
                yield "OK";
            }
            case "module_load" -> "FAIL";
            default -> "FAIL Unknown command '" + w[0] + "'";
        };
    }

    /// Whatever the path names: of what is here, only the SMMU has interrupt lines.
    private String intercept(String[] w, Intercept which) {
        word(w, 1);
        if (intercept != Intercept.NONE && intercept != which) {
            return "FAIL IRQ intercept already enabled";
        }
        intercept = which;
        return "OK";
    }

    private String clock(long now) {
        if (now < nanoseconds) {
            return "FAIL could not advance time";
        }
        nanoseconds = now;
        return "OK " + nanoseconds;
    }

    private String read(String[] w, int width) {
        long value = machine.bus().read(number(w, 1), width);
        return String.format(Locale.ROOT, "OK 0x%016x", value);
    }

    private String write(String[] w, int width) {
        machine.bus().write(number(w, 1), width, number(w, 2));
        return "OK";
    }

    private String writeHex(String[] w) {
        long address = number(w, 1);
        byte[] bytes = new byte[length(w, 0)];
        String hex = word(w, 3);
        if (hex.length() < 3) {
            return "ERR invalid argument size";
        }
        for (int i = 0; i < bytes.length && i * 2 + 4 <= hex.length(); i++) {
            bytes[i] = (byte) (nibble(hex.charAt(i * 2 + 2)) << 4 | nibble(hex.charAt(i * 2 + 3)));
        }
        store(address, bytes);
        return "OK";
    }

    private String writeBase64(String[] w) {
        long address = number(w, 1);
        int length = length(w, 0);
        String text = word(w, 3);
        if (text.length() < 3) {
            return "ERR invalid argument size";
        }
        store(address, Arrays.copyOf(Base64.getDecoder().decode(text), length));
        return "OK";
    }

    private String memset(String[] w) {
        long address = number(w, 1);
        long length = number(w, 2);
        byte[] piece = new byte[PIECE];
        Arrays.fill(piece, (byte) number(w, 3));
        // No RAM is larger; what is beyond it would be written to nothing.
        long end = Math.clamp(length, 0, 1L << 40);
        for (long at = 0; at < end; at += PIECE) {
            if (!machine.bus()
                    .writeBytes(address + at, piece, 0, (int) Math.min(PIECE, end - at))) {
                break;
            }
        }
        return "OK";
    }

    private byte[] bytes(long address, int length) {
        byte[] out = new byte[length];
        PhysicalMemory bus = machine.bus();
        // One access where it may be a register's, as QEMU makes it.
        if (length <= 8 && Integer.bitCount(length) == 1) {
            long value = bus.read(address, length);
            for (int i = 0; i < length; i++) {
                out[i] = (byte) (value >>> (8 * i));
            }
        } else {
            bus.readBytes(address, out, 0, length);
        }
        return out;
    }

    private void store(long address, byte[] bytes) {
        if (bytes.length <= 8 && Integer.bitCount(bytes.length) == 1) {
            long value = 0;
            for (int i = bytes.length - 1; i >= 0; i--) {
                value = value << 8 | (bytes[i] & 0xff);
            }
            machine.bus().write(address, bytes.length, value);
        } else {
            machine.bus().writeBytes(address, bytes, 0, bytes.length);
        }
    }

    private static int nibble(char c) {
        int value = Character.digit(c, 16);
        return Math.max(value, 0);
    }

    private static int width(char suffix) {
        return switch (suffix) {
            case 'b' -> 1;
            case 'w' -> 2;
            case 'l' -> 4;
            default -> 8;
        };
    }

    private static String word(String[] w, int index) {
        if (index >= w.length) {
            throw new IllegalArgumentException("argument " + index + " is missing");
        }
        return w[index];
    }

    private static long number(String[] w, int index) {
        OptionalLong value = Quantities.number(word(w, index));
        return value.orElseThrow(
                () -> new IllegalArgumentException("argument " + index + " is no number"));
    }

    private static int length(String[] w, int least) {
        long value = number(w, 2);
        if (value < least || value > MOST_BYTES) {
            throw new IllegalArgumentException("so many bytes cannot be moved");
        }
        return (int) value;
    }
}
