package dev.belfry.kernel;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// Recorded bytes of a real guest; README.md beside them says where they come from.
public final class Captured {

    private Captured() {}

    private static byte[] bytes(String name) {
        try (InputStream in = Captured.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalArgumentException("no such capture: " + name);
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// The 64-bit words of a file.
    public static List<Long> words(String name) {
        ByteBuffer buffer = ByteBuffer.wrap(bytes(name)).order(ByteOrder.LITTLE_ENDIAN);
        List<Long> words = new ArrayList<>();
        while (buffer.remaining() >= 8) {
            words.add(buffer.getLong());
        }
        return words;
    }

    /// Accesses to the registers of `device`.
    public static List<TestMachine.Access> accesses(String name, String device) {
        String text = new String(bytes(name), StandardCharsets.US_ASCII);
        return text.lines()
                .map(line -> line.split(" ", -1))
                .map(part ->
                        new TestMachine.Access(
                                part[0].equals("write"),
                                device,
                                Long.decode(part[1]),
                                Long.parseUnsignedLong(part[2].substring(2), 16),
                                Integer.parseInt(part[3])))
                .toList();
    }
}
