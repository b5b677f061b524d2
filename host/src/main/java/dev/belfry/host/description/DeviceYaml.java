package dev.belfry.host.description;

import dev.belfry.model.pci.spec.Bdf;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Reads the devices of a host from YAML. Only `bdf` is needed; the rest has defaults.
///
/// @param smmus that devices may name; the first is the default
/// @param itss that devices may name; the first is the default
record DeviceYaml(List<SmmuDescription> smmus, List<ItsDescription> itss) {

    private static final long LARGEST_BAR = 4L << 40;
    private static final Pattern BDF =
            Pattern.compile(
                    "(?:([0-9a-fA-F]{1,4}):)?([0-9a-fA-F]{1,2}):([0-9a-fA-F]{1,2})\\.([0-7])");
    private static final Pattern ID = Pattern.compile("([0-9a-fA-F]{4}):([0-9a-fA-F]{4})");
    private static final long PAGE = 4096;

    List<DeviceDescription> read(List<YamlMap> entries) {
        List<DeviceDescription> out = new ArrayList<>();
        Set<Bdf> seen = new HashSet<>();
        for (YamlMap m : entries) {
            DeviceDescription d = device(m, out.size());
            if (!seen.add(d.bdf())) {
                throw m.error("bdf", d.bdf() + " is there twice", "one entry a device");
            }
            out.add(d);
        }
        return out;
    }

    private DeviceDescription device(YamlMap m, int index) {
        m.only(
                "bdf",
                "id",
                "class",
                "bars",
                "msix",
                "msix-bar",
                "msi",
                "pin",
                "ats",
                "pri",
                "pasid",
                "smmu",
                "stream-id",
                "its",
                "device-id",
                "group",
                "isolated-msi",
                "coherent");
        Bdf bdf = bdf(m);
        Matcher id = ID.matcher(m.text("id", "1b36:0010", "vendor:device, like 10de:2342"));
        if (!id.matches()) {
            throw m.error("id", "no vendor and device id", "vendor:device, like 10de:2342");
        }
        List<BarDescription> bars = bars(m);
        int msix = m.number("msix", 8, 0, 2048);
        int msixBar = m.number("msix-bar", bars.getLast().index(), 0, 5);
        checkMsix(m, bars, msix, msixBar);
        int msi = m.number("msi", 0, 0, 32);
        if (Integer.bitCount(msi) > 1) {
            throw m.error("msi", msi + " MSI vectors", "0, 1, 2, 4, 8, 16 or 32");
        }
        return new DeviceDescription(
                bdf,
                Integer.parseInt(id.group(1), 16),
                Integer.parseInt(id.group(2), 16),
                m.number("class", 0x02_00_00, 0, 0xff_ffff),
                bars,
                msix,
                msixBar,
                msi,
                m.number("pin", 0, 0, 4),
                m.flag("ats", false),
                m.flag("pri", false),
                m.number("pasid", 0, 0, 20),
                name(m, "smmu", smmus.stream().map(SmmuDescription::name).toList()),
                (int) m.number("stream-id", bdf.routingId(), "a StreamID"),
                name(m, "its", itss.stream().map(ItsDescription::name).toList()),
                (int) m.number("device-id", bdf.segment() << 16 | bdf.routingId(), "a DeviceID"),
                m.number("group", index + 1, 0, 65535),
                m.flag("isolated-msi", true),
                m.flag("coherent", true));
    }

    private static Bdf bdf(YamlMap m) {
        String hint = "an address like 0000:01:00.0";
        String text = m.text("bdf", hint);
        Matcher b = BDF.matcher(text);
        int device = b.matches() ? Integer.parseInt(b.group(3), 16) : 32;
        if (device > 31) {
            throw m.error("bdf", "'" + text + "' is no PCI address", hint);
        }
        return new Bdf(
                b.group(1) == null ? 0 : Integer.parseInt(b.group(1), 16),
                Integer.parseInt(b.group(2), 16),
                device,
                Integer.parseInt(b.group(4)));
    }

    private static List<BarDescription> bars(YamlMap m) {
        List<BarDescription> out = new ArrayList<>();
        for (YamlMap b : m.list("bars", "- {index: 0, size: 64K}")) {
            b.only("index", "size", "wide", "prefetchable");
            long size = b.number("size", "a size like 64K");
            if (size < PAGE || size > LARGEST_BAR || Long.bitCount(size) != 1) {
                throw b.error(
                        "size", "a BAR of " + size + " bytes", "a power of two from 4K to 4T");
            }
            out.add(
                    new BarDescription(
                            b.number("index", 0, 0, 5),
                            size,
                            b.flag("wide", true),
                            b.flag("prefetchable", false)));
        }
        boolean[] taken = new boolean[7];
        for (BarDescription b : out) {
            boolean clash =
                    taken[b.index()] || (b.wide() && (b.index() == 5 || taken[b.index() + 1]));
            if (clash) {
                throw m.error("bars", "BAR " + b.index() + " has no room", "64-bit BARs take two");
            }
            taken[b.index()] = true;
            taken[b.index() + 1] |= b.wide();
        }
        if (!out.isEmpty() && out.getFirst().index() != 0) {
            throw m.error("bars", "there is no BAR 0", "BAR 0 first: the device's registers");
        }
        return out.isEmpty()
                ? List.of(
                        new BarDescription(0, 16 * PAGE, true, false),
                        new BarDescription(2, 16 * PAGE, true, false))
                : out;
    }

    /// Table and PBA lie in one BAR, each on pages of its own.
    private static void checkMsix(YamlMap m, List<BarDescription> bars, int vectors, int bar) {
        if (vectors == 0) {
            return;
        }
        long registers = bar == 0 ? PAGE : 0;
        long need = registers + (vectors * 16L + PAGE - 1) / PAGE * PAGE + PAGE;
        boolean fits = bars.stream().anyMatch(b -> b.index() == bar && b.size() >= need);
        if (!fits) {
            throw m.error(
                    "msix",
                    "BAR " + bar + " has no room for " + vectors + " MSI-X vectors",
                    "a BAR of at least " + need + " bytes, named by msix-bar");
        }
    }

    private static String name(YamlMap m, String key, List<String> known) {
        if (known.isEmpty()) {
            throw m.error(key, "the host has no " + key, "describe one under " + key + "s:");
        }
        String name = m.text(key, known.getFirst(), "a name");
        if (!known.contains(name)) {
            throw m.error(key, "there is no '" + name + "'", "one of " + String.join(", ", known));
        }
        return name;
    }
}
