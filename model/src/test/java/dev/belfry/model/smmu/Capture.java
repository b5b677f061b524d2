package dev.belfry.model.smmu;

import dev.belfry.model.memory.PhysicalMemory;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.zip.GZIPInputStream;

/// A capture of a real guest from the test resources.
final class Capture implements PhysicalMemory {

    private final String name;
    private final Map<Long, ByteBuffer> pages = new HashMap<>();
    private final Map<Long, Long> registers = new HashMap<>();

    Capture(String name) {
        this.name = name;
        byte[] records = gunzip(bytes("pages.bin.gz"));
        ByteBuffer in = ByteBuffer.wrap(records).order(ByteOrder.LITTLE_ENDIAN);
        while (in.hasRemaining()) {
            long address = in.getLong();
            byte[] page = new byte[4096];
            in.get(page);
            pages.put(address, ByteBuffer.wrap(page).order(ByteOrder.LITTLE_ENDIAN));
        }
        for (String line : lines("smmu-regs.txt")) {
            if (!line.startsWith("#")) {
                String[] words = line.split(" ");
                registers.put(Long.parseLong(words[0], 16), Long.parseLong(words[1], 16));
            }
        }
    }

    List<String> lines(String file) {
        return new String(bytes(file), StandardCharsets.UTF_8).lines().toList();
    }

    Smmu smmu() {
        return Smmu.over(name, this::register, this);
    }

    OptionalLong register(long offset) {
        Long value = registers.get(offset);
        return value == null ? OptionalLong.empty() : OptionalLong.of(value);
    }

    /// The vectors of walk.txt.
    List<Vector> vectors() {
        List<Vector> out = new ArrayList<>();
        List<String> hops = new ArrayList<>();
        String head = "";
        for (String line : lines("walk.txt")) {
            if (line.startsWith("  ")) {
                hops.add(line.trim());
                continue;
            }
            if (!head.isEmpty()) {
                out.add(new Vector(head, List.copyOf(hops)));
            }
            hops.clear();
            head = line;
        }
        out.add(new Vector(head, List.copyOf(hops)));
        return out;
    }

    /// One vector of walk.txt: its heading and its hops.
    record Vector(String head, List<String> hops) {
        long address() {
            return hex(after(head, "addr="));
        }

        int streamId() {
            return (int) hex(after(head, "DeviceID="));
        }

        /// What follows `mark` in the first hop that has it, up to a space; empty when none has.
        String value(String mark) {
            return hops.stream()
                    .filter(h -> h.contains(mark))
                    .findFirst()
                    .map(h -> after(h, mark))
                    .orElse("");
        }

        static String after(String text, String mark) {
            String tail = text.substring(text.indexOf(mark) + mark.length()).trim();
            int end = tail.indexOf(' ');
            return end < 0 ? tail : tail.substring(0, end);
        }

        static long hex(String text) {
            return Long.parseUnsignedLong(text.replace("0x", "").replace(":", ""), 16);
        }
    }

    private byte[] bytes(String file) {
        String path = "/captures/" + name + "/" + file;
        try (InputStream in =
                Objects.requireNonNull(Capture.class.getResourceAsStream(path), path)) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] gunzip(byte[] data) {
        try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(data))) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public boolean accepts(long address, long length) {
        return pages.containsKey(address & -4096L)
                && (address & 4095) + length <= 4096
                && length > 0;
    }

    @Override
    public long read(long address, int width) {
        ByteBuffer page = pages.get(address & -4096L);
        if (page == null) {
            return 0;
        }
        int at = (int) address & 4095;
        return switch (width) {
            case 8 -> page.getLong(at);
            case 4 -> page.getInt(at) & 0xffff_ffffL;
            case 2 -> page.getShort(at) & 0xffffL;
            default -> page.get(at) & 0xffL;
        };
    }

    @Override
    public boolean write(long address, int width, long value, int requester) {
        throw new AssertionError("a capture was written to");
    }
}
