package dev.belfry.model.gic;

import dev.belfry.model.gic.spec.ItsTableFormat;
import dev.belfry.model.memory.PhysicalMemory;
import dev.belfry.model.system.SystemView;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.zip.GZIPInputStream;

/// A capture of a real guest from the test resources, as far as the GIC goes.
public final class GicCapture implements PhysicalMemory {

    private final String name;
    private final Map<Long, ByteBuffer> pages = new TreeMap<>();

    public GicCapture(String name) {
        this.name = name;
        ByteBuffer in = ByteBuffer.wrap(gunzip("pages.bin.gz")).order(ByteOrder.LITTLE_ENDIAN);
        while (in.hasRemaining()) {
            long address = in.getLong();
            byte[] page = new byte[4096];
            in.get(page);
            pages.put(address, ByteBuffer.wrap(page).order(ByteOrder.LITTLE_ENDIAN));
        }
    }

    /// Registers by offset, as read from the machine.
    public Map<Long, Long> registers(String file) {
        Map<Long, Long> out = new TreeMap<>();
        for (String line : lines(bytes(file))) {
            if (!line.startsWith("#")) {
                String[] words = line.split(" ");
                out.put(Long.parseLong(words[0], 16), Long.parseLong(words[1], 16));
            }
        }
        return out;
    }

    SystemView.Frame frame(String file, long base) {
        Map<Long, Long> values = registers(file);
        return new SystemView.Frame(
                file,
                base,
                offset ->
                        values.containsKey(offset)
                                ? OptionalLong.of(values.get(offset))
                                : OptionalLong.empty());
    }

    ItsView its() {
        return Its.over(
                frame("its-regs.txt", 0x0808_0000),
                this,
                ItsTableFormat.QEMU_TCG,
                List.of(
                        frame("gicr0-regs.txt", 0x080a_0000),
                        frame("gicr1-regs.txt", 0x080c_0000)));
    }

    /// QEMU's trace lines.
    public List<String> trace() {
        return lines(gunzip("gic-trace.txt.gz"));
    }

    byte[] page(long address) {
        return Objects.requireNonNull(pages.get(address)).array().clone();
    }

    /// The vectors of walk.txt.
    List<Vector> vectors() {
        List<Vector> out = new ArrayList<>();
        for (String line : lines(bytes("walk.txt"))) {
            if (line.startsWith("  ")) {
                out.getLast().hops.add(line.trim());
            } else {
                out.add(new Vector(line, new ArrayList<>()));
            }
        }
        return out;
    }

    /// One vector of walk.txt: its heading and its hops.
    record Vector(String head, List<String> hops) {
        int deviceId() {
            return (int) number(head, "DeviceID=");
        }

        int data() {
            return (int) number(head, "data=");
        }

        boolean has(String hop) {
            return hops.stream().anyMatch(h -> h.startsWith(hop));
        }

        String hop(String start) {
            return hops.stream().filter(h -> h.startsWith(start)).findFirst().orElseThrow();
        }
    }

    /// The number that follows `mark` in `text`.
    public static long number(String text, String mark) {
        String tail = text.substring(text.indexOf(mark) + mark.length());
        String digits = tail.split("[ ()]")[0];
        return digits.startsWith("0x")
                ? Long.parseUnsignedLong(digits.substring(2), 16)
                : Long.parseLong(digits);
    }

    private byte[] bytes(String file) {
        String path = "/captures/" + name + "/" + file;
        try (InputStream in =
                Objects.requireNonNull(GicCapture.class.getResourceAsStream(path), path)) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private byte[] gunzip(String file) {
        try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(bytes(file)))) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<String> lines(byte[] text) {
        return new String(text, StandardCharsets.UTF_8).lines().toList();
    }

    @Override
    public boolean accepts(long address, long length) {
        return length > 0
                && pages.containsKey(address & -4096L)
                && (address & 4095) + length <= 4096;
    }

    @Override
    public long read(long address, int width) {
        if (!accepts(address, width)) {
            return 0;
        }
        ByteBuffer page = Objects.requireNonNull(pages.get(address & -4096L));
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
