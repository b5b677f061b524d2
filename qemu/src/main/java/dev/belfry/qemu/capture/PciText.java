package dev.belfry.qemu.capture;

import dev.belfry.model.journey.Bytes;
import dev.belfry.model.pci.spec.Bdf;
import dev.belfry.model.pci.spec.Capability;
import dev.belfry.model.pci.spec.ConfigSpace;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// `pci-msix.txt`: headers, BARs, capabilities, MSI and MSI-X of each function as text. Captures
/// without an ECAM image have nothing else, so configuration space is put together from it; what
/// the text does not list is zero there.
final class PciText {

    private static final Pattern FUNCTION =
            Pattern.compile(
                    "(?:([0-9a-f]{4}):)?([0-9a-f]{2}):([0-9a-f]{2})\\.([0-7]) rid=0x[0-9a-f]{4}"
                            + " ([0-9a-f]{4}):([0-9a-f]{4}) cmd=([0-9a-f]{4})"
                            + " bars=((?:[0-9a-f]{8} ){2}(?:(?:[0-9a-f]{8} ){4})?)"
                            + "caps=((?:[0-9a-f]{2}@[0-9a-f]{2} ?)*)(?:class=([0-9a-f]{6}) ?)?");
    private static final Pattern MSI = Pattern.compile("MSI ctl=([0-9a-f]{4}) bytes=([0-9a-f]+)");
    private static final Pattern MSIX =
            Pattern.compile(
                    "MSI-X ctl=([0-9a-f]{4}) entries=(\\d{1,4}) enabled=[01]"
                            + " table=BAR(\\d)\\+0x([0-9a-f]{1,8}) \\(pa 0x([0-9a-f]{1,16})\\)"
                            + " pba=BAR(\\d)\\+0x([0-9a-f]{1,8}).*");

    private static final Pattern ENTRY =
            Pattern.compile(
                    "\\[(\\d{1,4})\\] addr=([0-9a-f]{1,16}) data=([0-9a-f]{1,8})"
                            + " ctl=([0-9a-f]{1,8})");
    private static final int MSIX_ENTRY = 16;
    private static final int VECTOR_CONTROL = 12;

    private static final int CONFIG = 256;
    private static final int MSI_ID = 0x05;
    private static final int MSIX_ID = 0x11;

    private PciText() {}

    /// The configuration spaces, 256 bytes each.
    ///
    /// @param name for messages
    /// @throws CaptureError when a line about a function cannot be understood
    static Map<Integer, Bytes> parse(String name, String text) {
        Map<Integer, Bytes> out = new TreeMap<>();
        byte[] config = {};
        int rid = -1;
        int number = 0;
        for (String raw : text.split("\n", -1)) {
            number++;
            String line = raw.strip();
            Matcher function = FUNCTION.matcher(line + " ".repeat(line.endsWith("caps=") ? 0 : 1));
            if (function.matches()) {
                rid = bdf(function).routingId();
                config = header(function);
            } else if (rid >= 0 && line.startsWith("MSI-X ")) {
                msix(config, require(MSIX, line, name, number));
            } else if (rid >= 0 && line.startsWith("MSI ")) {
                msi(config, require(MSI, line, name, number));
            } else if (!line.isEmpty() && (rid < 0 || !line.startsWith("["))) {
                throw wrong(name, number, line);
            }
            if (rid >= 0) {
                out.put(rid, Bytes.of(config));
            }
        }
        return out;
    }

    /// The MSI-X entries that are listed, by routing id and vector, 16 bytes each.
    static Map<Integer, Map<Integer, Bytes>> entries(String name, String text) {
        Map<Integer, Map<Integer, Bytes>> out = new TreeMap<>();
        Map<Integer, Bytes> current = new TreeMap<>();
        int number = 0;
        for (String raw : text.split("\n", -1)) {
            number++;
            String line = raw.strip();
            Matcher function = FUNCTION.matcher(line);
            if (function.lookingAt()) {
                current = new TreeMap<>();
                out.put(bdf(function).routingId(), current);
            } else if (line.startsWith("[")) {
                Matcher m = require(ENTRY, line, name, number);
                byte[] entry = new byte[MSIX_ENTRY];
                put(entry, 0, 8, Long.parseUnsignedLong(m.group(2), 16));
                put(entry, 8, 4, Long.parseLong(m.group(3), 16));
                put(entry, VECTOR_CONTROL, 4, Long.parseLong(m.group(4), 16));
                current.put(Integer.parseInt(m.group(1)), Bytes.of(entry));
            }
        }
        return out;
    }

    /// An MSI-X table of `vectors` entries; those that are not listed are masked.
    static Bytes table(int vectors, Map<Integer, Bytes> listed) {
        byte[] out = new byte[vectors * MSIX_ENTRY];
        for (int i = 0; i < vectors; i++) {
            Bytes entry = listed.get(i);
            if (entry == null) {
                put(out, i * MSIX_ENTRY + VECTOR_CONTROL, 4, 1);
            } else {
                System.arraycopy(entry.toArray(), 0, out, i * MSIX_ENTRY, MSIX_ENTRY);
            }
        }
        return Bytes.of(out);
    }

    private static Matcher require(Pattern pattern, String line, String name, int number) {
        Matcher m = pattern.matcher(line);
        if (!m.matches()) {
            throw wrong(name, number, line);
        }
        return m;
    }

    private static CaptureError wrong(String name, int number, String line) {
        return new CaptureError(
                name + " line " + number + " is not about a PCI function: " + Text.brief(line));
    }

    private static Bdf bdf(Matcher m) {
        int device = Integer.parseInt(m.group(3), 16);
        if (device > 31) {
            throw new CaptureError("no such PCI device: " + m.group(3));
        }
        return new Bdf(
                0, Integer.parseInt(m.group(2), 16), device, Integer.parseInt(m.group(4), 16));
    }

    private static byte[] header(Matcher m) {
        byte[] config = new byte[CONFIG];
        put(config, 0x00, 2, Long.parseLong(m.group(5), 16));
        put(config, 0x02, 2, Long.parseLong(m.group(6), 16));
        put(config, 0x04, 2, Long.parseLong(m.group(7), 16));
        if (m.group(10) != null) {
            put(config, 0x09, 3, Long.parseLong(m.group(10), 16));
        }
        String[] bars = m.group(8).strip().split(" ");
        put(config, 0x0e, 1, bars.length == 2 ? 1 : 0);
        for (int i = 0; i < bars.length; i++) {
            put(config, 0x10 + 4 * i, 4, Long.parseLong(bars[i], 16));
        }
        String caps = m.group(9).strip();
        if (!caps.isEmpty()) {
            put(config, 0x06, 2, 0x10);
            int link = 0x34;
            for (String cap : caps.split(" ")) {
                int at = Integer.parseInt(cap.substring(3), 16);
                put(config, link, 1, at);
                put(config, at, 1, Long.parseLong(cap.substring(0, 2), 16));
                link = at + 1;
            }
        }
        return config;
    }

    private static void msi(byte[] config, Matcher m) {
        int at = capability(config, MSI_ID);
        byte[] bytes = HexFormat.of().parseHex(m.group(2), 0, m.group(2).length() & ~1);
        if (at != 0) {
            System.arraycopy(bytes, 0, config, at, Math.min(bytes.length, CONFIG - at));
        }
    }

    private static void msix(byte[] config, Matcher m) {
        int at = capability(config, MSIX_ID);
        if (at == 0) {
            return;
        }
        put(config, at + 2, 2, Long.parseLong(m.group(1), 16));
        put(config, at + 4, 4, Long.parseLong(m.group(4), 16) | Long.parseLong(m.group(3)));
        put(config, at + 8, 4, Long.parseLong(m.group(7), 16) | Long.parseLong(m.group(6)));
    }

    private static int capability(byte[] config, int id) {
        return ConfigSpace.of(config).capabilities().stream()
                .filter(c -> c.code() == id)
                .mapToInt(Capability::offset)
                .findFirst()
                .orElse(0);
    }

    private static void put(byte[] config, int offset, int width, long value) {
        for (int i = 0; i < width && offset + i < config.length; i++) {
            config[offset + i] = (byte) (value >>> (8 * i));
        }
    }
}
