package dev.belfry.qemu.capture;

import dev.belfry.model.journey.Bytes;
import dev.belfry.model.pci.spec.Bdf;
import dev.belfry.model.system.PageImage;
import dev.belfry.model.system.RegisterImage;
import dev.belfry.model.system.Snapshot;
import dev.belfry.model.system.Snapshot.FrameImage;
import dev.belfry.model.system.SystemView.FrameKind;
import dev.belfry.model.system.SystemView.Function;
import dev.belfry.model.system.SystemView.Ram;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Reads the plain content of a bundle. Every length is checked against what is really there before
/// anything of that length is made.
final class BundleReader {

    private static final int REGISTER = 12;
    private static final int MOST_CONFIG = 4096;
    private static final int MSIX_ENTRY = 16;
    private static final int MOST_MSIX = 2048 * MSIX_ENTRY;

    private final String name;
    private final byte[] bytes;
    private final ByteBuffer in;

    private BundleReader(String name, byte[] bytes) {
        this.name = name;
        this.bytes = bytes;
        this.in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    static Snapshot read(String name, byte[] bytes) {
        return new BundleReader(name, bytes).read();
    }

    private Snapshot read() {
        JsonNode manifest = manifest();
        List<FrameImage> frames = new ArrayList<>();
        for (JsonNode f : array(manifest, "frames")) {
            frames.add(frame(f));
        }
        List<Function> functions = new ArrayList<>();
        for (JsonNode f : array(manifest, "functions")) {
            functions.add(function(f));
        }
        long pages = count(manifest, "pages", Integer.MAX_VALUE);
        if (pages * PageRecords.RECORD != in.remaining()) {
            throw wrong("it does not hold the " + pages + " pages it announces");
        }
        PageImage memory = PageRecords.read(name, bytes, in.position(), bytes.length);
        List<Ram> ram = new ArrayList<>();
        for (JsonNode r : array(manifest, "ram")) {
            ram.add(new Ram(address(r, "base"), address(r, "size")));
        }
        List<String> notes = new ArrayList<>();
        for (JsonNode n : array(manifest, "notes")) {
            notes.add(Text.clean(n.asString("")));
        }
        Snapshot out =
                new Snapshot(text(manifest, "source"), notes, ram, frames, functions, memory);
        JsonNode gic = manifest.path("kernelGic");
        return gic.isMissingNode() ? out : out.with(KernelGicJson.read(name, gic));
    }

    private JsonNode manifest() {
        int end = 0;
        while (end < bytes.length && bytes[end] != '\n') {
            end++;
        }
        if (end == bytes.length || bytes[0] != '{') {
            throw wrong("it does not begin with a manifest");
        }
        in.position(end + 1);
        JsonNode manifest;
        try {
            manifest = JsonMapper.shared().readTree(Arrays.copyOf(bytes, end));
        } catch (JacksonException e) {
            throw new CaptureError(name + " is not a usable bundle: its manifest is not JSON", e);
        }
        if (!manifest.path("format").asString("").equals("belfry-bundle")) {
            throw wrong("its manifest is of something else");
        }
        long version = count(manifest, "version", Integer.MAX_VALUE);
        if (version != Bundle.VERSION) {
            throw wrong(
                    "it has format version " + version + ", this Belfry reads " + Bundle.VERSION);
        }
        return manifest;
    }

    private FrameImage frame(JsonNode f) {
        FrameKind kind = null;
        for (FrameKind k : FrameKind.values()) {
            kind = k.name().equals(text(f, "kind")) ? k : kind;
        }
        if (kind == null) {
            throw wrong("it has a frame of no known kind");
        }
        long count = count(f, "registers", in.remaining() / REGISTER);
        NavigableMap<Long, Long> values = new TreeMap<>();
        for (long i = 0; i < count; i++) {
            long offset = in.getLong();
            values.put(offset, in.getInt() & 0xffff_ffffL);
        }
        return new FrameImage(kind, text(f, "name"), address(f, "base"), new RegisterImage(values));
    }

    private Function function(JsonNode f) {
        Bytes config = take(count(f, "config", MOST_CONFIG));
        long msix = count(f, "msix", MOST_MSIX);
        if (msix % MSIX_ENTRY != 0) {
            throw wrong("it has an MSI-X table of " + msix + " bytes");
        }
        long routingId = address(f, "routingId");
        if (routingId >>> 16 != 0) {
            throw wrong("it has a PCI function with a routing id beyond 16 bits");
        }
        return new Function(
                Bdf.of((int) count(f, "segment", 0xffff), (int) routingId),
                config,
                take(msix),
                address(f, "msixAddress"));
    }

    private Bytes take(long length) {
        if (length > in.remaining()) {
            throw wrong("it ends before the bytes it announces");
        }
        byte[] out = new byte[(int) length];
        in.get(out);
        return Bytes.of(out);
    }

    private JsonNode array(JsonNode of, String key) {
        JsonNode value = of.path(key);
        if (!value.isArray()) {
            throw wrong("its manifest has no list " + key);
        }
        return value;
    }

    private String text(JsonNode of, String key) {
        JsonNode value = of.path(key);
        if (!value.isString()) {
            throw wrong("its manifest has no text " + key);
        }
        return Text.clean(value.stringValue());
    }

    private long count(JsonNode of, String key, long most) {
        JsonNode value = of.path(key);
        if (!value.isIntegralNumber()
                || !value.canConvertToLong()
                || value.longValue() < 0
                || value.longValue() > most) {
            throw wrong("its manifest has no usable number " + key);
        }
        return value.longValue();
    }

    private long address(JsonNode of, String key) {
        String text = text(of, key);
        try {
            if (text.startsWith("0x")) {
                return Long.parseUnsignedLong(text, 2, text.length(), 16);
            }
        } catch (NumberFormatException e) {
            throw new CaptureError(name + " is not a usable bundle: " + key + " is no address", e);
        }
        throw wrong(key + " is no address");
    }

    private CaptureError wrong(String why) {
        return new CaptureError(name + " is not a usable bundle: " + why);
    }
}
