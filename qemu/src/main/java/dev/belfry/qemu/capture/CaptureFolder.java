package dev.belfry.qemu.capture;

import dev.belfry.model.journey.Bytes;
import dev.belfry.model.pci.spec.Bdf;
import dev.belfry.model.pci.spec.ConfigSpace;
import dev.belfry.model.system.PageImage;
import dev.belfry.model.system.Snapshot;
import dev.belfry.model.system.Snapshot.FrameImage;
import dev.belfry.model.system.SystemView.Function;
import dev.belfry.model.system.SystemView.Ram;
import dev.belfry.qemu.pci.MsixTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// A folder that holds what was read of a machine: `meta.json`, `*-regs.txt`, `pages.bin.gz`, and
/// its PCI functions as `ecam-busN.bin.gz` or as `pci-msix.txt`, with `msix-BB.DD.F.bin` for the
/// MSI-X tables. Other files are for people.
public final class CaptureFolder {

    private static final int MOST_TEXT = 1 << 24;
    private static final int MOST_PAGES = 1 << 27;
    private static final int BUS = 1 << 20;
    private static final int FUNCTION = 4096;
    private static final int MSIX_ENTRY = 16;
    private static final int MOST_MSIX = 2048 * MSIX_ENTRY;
    private static final Pattern REGISTERS = Pattern.compile("([a-z0-9]+)-regs\\.txt");
    private static final Pattern ECAM = Pattern.compile("ecam-bus(\\d{1,3})\\.bin\\.gz");

    private final Path folder;
    private final List<String> notes = new ArrayList<>();

    private CaptureFolder(Path folder) {
        this.folder = folder;
    }

    /// Reads the capture in `folder`.
    ///
    /// @throws CaptureError when something in it is missing, damaged, or too large
    public static Snapshot read(Path folder) {
        return new CaptureFolder(folder).read();
    }

    private Snapshot read() {
        if (!Files.isRegularFile(folder.resolve("meta.json"))) {
            throw new CaptureError(folder + " is not a capture: it has no meta.json");
        }
        JsonNode meta = meta();
        List<FrameImage> frames = frames();
        PageImage pages = pages();
        List<Function> functions = functions();
        return new Snapshot(source(meta), notes, ram(meta), frames, functions, pages);
    }

    private JsonNode meta() {
        Path file = folder.resolve("meta.json");
        try {
            JsonNode meta = JsonMapper.shared().readTree(Gzip.file(file, MOST_TEXT));
            if (!meta.isObject()) {
                throw new CaptureError(file + " is not a JSON object");
            }
            return meta;
        } catch (JacksonException e) {
            throw new CaptureError(file + " is not JSON: " + e.getOriginalMessage(), e);
        }
    }

    private String source(JsonNode meta) {
        JsonNode version = meta.path("qemu").path("qemu");
        String qemu =
                version.isObject()
                        ? " of QEMU %s.%s.%s"
                                .formatted(
                                        version.path("major").asInt(0),
                                        version.path("minor").asInt(0),
                                        version.path("micro").asInt(0))
                        : "";
        return "capture " + Text.clean(String.valueOf(folder.getFileName())) + qemu;
    }

    private List<Ram> ram(JsonNode meta) {
        if (!meta.has("ram_base") || !meta.has("ram_size")) {
            return List.of();
        }
        return List.of(new Ram(number(meta, "ram_base"), number(meta, "ram_size")));
    }

    private long number(JsonNode meta, String key) {
        JsonNode value = meta.path(key);
        try {
            return value.isString() ? Long.decode(value.stringValue()) : value.longValue();
        } catch (NumberFormatException | JacksonException e) {
            throw new CaptureError(folder.resolve("meta.json") + ": " + key + " is no number", e);
        }
    }

    private List<FrameImage> frames() {
        Map<String, Path> files = new TreeMap<>(CaptureFolder::byNumber);
        for (Path file : list()) {
            Matcher m = REGISTERS.matcher(file.getFileName().toString());
            if (m.matches()) {
                files.put(m.group(1), file);
            }
        }
        List<FrameImage> out = new ArrayList<>();
        files.values()
                .forEach(file ->
                        out.addAll(
                                RegisterText.parse(
                                        file.toString(), Text.of(Gzip.file(file, MOST_TEXT)))));
        return out;
    }

    /// `gicr2` before `gicr10`.
    private static int byNumber(String a, String b) {
        return Comparator.comparing((String s) -> s.replaceAll("\\d+$", ""))
                .thenComparingInt(String::length)
                .thenComparing(Comparator.naturalOrder())
                .compare(a, b);
    }

    private List<Path> list() {
        try (Stream<Path> files = Files.list(folder)) {
            return files.sorted().toList();
        } catch (IOException e) {
            throw new CaptureError(folder + " cannot be listed: " + e.getMessage(), e);
        }
    }

    private PageImage pages() {
        Path file = folder.resolve("pages.bin.gz");
        if (!Files.exists(file)) {
            notes.add("The capture has no pages.bin.gz: nothing is known of its memory.");
            return new PageImage(Map.of());
        }
        byte[] raw = Gzip.unpack(file.toString(), Gzip.file(file, MOST_PAGES), MOST_PAGES);
        return PageRecords.read(file.toString(), raw, 0, raw.length);
    }

    private List<Function> functions() {
        Map<Integer, Bytes> configs = new TreeMap<>();
        for (Path file : list()) {
            Matcher m = ECAM.matcher(file.getFileName().toString());
            if (m.matches()) {
                bus(file, Integer.parseInt(m.group(1)), configs);
            }
        }
        Path text = folder.resolve("pci-msix.txt");
        if (configs.isEmpty() && Files.exists(text)) {
            configs.putAll(PciText.parse(text.toString(), Text.of(Gzip.file(text, MOST_TEXT))));
            notes.add(
                    "Configuration spaces are put together from pci-msix.txt; what it does not list"
                            + " is zero.");
        } else if (configs.isEmpty()) {
            notes.add("The capture has neither ECAM nor pci-msix.txt: no PCI function is known.");
        }
        List<Function> out = new ArrayList<>();
        configs.forEach((rid, config) -> out.add(function(Bdf.of(0, rid), config)));
        return out;
    }

    private static void bus(Path file, int bus, Map<Integer, Bytes> configs) {
        byte[] ecam = Gzip.unpack(file.toString(), Gzip.file(file, BUS), BUS);
        if (bus > 255 || ecam.length != BUS) {
            throw new CaptureError(file + " is not the 1 MiB of a bus");
        }
        for (int devfn = 0; devfn < 256; devfn++) {
            byte[] config =
                    java.util.Arrays.copyOfRange(ecam, devfn * FUNCTION, (devfn + 1) * FUNCTION);
            if (ConfigSpace.of(config).isPresent()) {
                configs.put(bus << 8 | devfn, Bytes.of(config));
            }
        }
    }

    private Function function(Bdf bdf, Bytes bytes) {
        MsixTable msix = MsixTable.of(ConfigSpace.of(bytes));
        int entries = msix.entries();
        if (entries == 0) {
            return new Function(bdf, bytes, Bytes.NONE, 0);
        }
        Path file =
                folder.resolve(
                        "msix-%02x.%02x.%x.bin".formatted(bdf.bus(), bdf.device(), bdf.function()));
        if (!Files.exists(file)) {
            notes.add("The MSI-X table of " + bdf.withoutSegment() + " was not captured.");
            return new Function(bdf, bytes, Bytes.NONE, msix.address());
        }
        byte[] table = Gzip.file(file, MOST_MSIX);
        if (table.length != entries * MSIX_ENTRY) {
            throw new CaptureError(
                    "%s has %d bytes, but %s has %d MSI-X entries"
                            .formatted(file, table.length, bdf.withoutSegment(), entries));
        }
        return new Function(bdf, bytes, Bytes.of(table), msix.address());
    }
}
