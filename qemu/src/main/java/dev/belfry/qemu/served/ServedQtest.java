package dev.belfry.qemu.served;

import dev.belfry.qemu.QemuError;
import java.util.Base64;

/// Answers what is asked over qtest: reads.
record ServedQtest(ServedMemory memory) {

    private static final int LONGEST = 1 << 16;

    /// The reply to a line.
    String reply(String line) {
        String[] words = line.split(" ");
        try {
            return switch (words[0]) {
                case "readb" -> read(words, 1);
                case "readw" -> read(words, 2);
                case "readl" -> read(words, 4);
                case "readq" -> read(words, 8);
                case "b64read" -> bytes(words);
                default -> "FAIL Unknown command '" + words[0] + "'";
            };
        } catch (NumberFormatException | IndexOutOfBoundsException | QemuError e) {
            return "ERR " + e.getMessage();
        }
    }

    private String read(String[] words, int width) {
        return "OK 0x%016x".formatted(number(memory.read(hex(words[1]), width)));
    }

    private String bytes(String[] words) {
        long length = hex(words[2]);
        if (length < 0 || length > LONGEST) {
            throw new QemuError("too long");
        }
        byte[] bytes = memory.read(hex(words[1]), (int) length);
        return "OK " + Base64.getEncoder().encodeToString(bytes);
    }

    private static long hex(String word) {
        return Long.parseUnsignedLong(word.substring(2), 16);
    }

    /// Bytes as a little-endian number.
    static long number(byte[] bytes) {
        long out = 0;
        for (int i = bytes.length - 1; i >= 0; i--) {
            out = out << 8 | (bytes[i] & 0xff);
        }
        return out;
    }
}
