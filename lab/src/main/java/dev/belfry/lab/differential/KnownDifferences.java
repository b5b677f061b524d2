package dev.belfry.lab.differential;

import dev.belfry.vmm.version.QemuVersion;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/// The file of known differences: a YAML list, one entry a difference.
public final class KnownDifferences {

    private static final String RESOURCE = "known-differences.yaml";

    private final List<KnownDifference> entries;

    private KnownDifferences(List<KnownDifference> entries) {
        this.entries = List.copyOf(entries);
    }

    /// The file that comes with Belfry.
    public static KnownDifferences bundled() {
        try (InputStream in = KnownDifferences.class.getResourceAsStream(RESOURCE)) {
            byte[] bytes = Objects.requireNonNull(in, RESOURCE).readAllBytes();
            return parse(new String(bytes, StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// From the file's text.
    ///
    /// @throws IllegalArgumentException when an entry lacks a key or a version cannot be read
    public static KnownDifferences parse(String yaml) {
        Object root =
                new Load(LoadSettings.builder().setLabel(RESOURCE).build()).loadFromString(yaml);
        List<KnownDifference> out = new ArrayList<>();
        if (root instanceof List<?> list) {
            for (Object item : list) {
                out.add(entry(item));
            }
        }
        return new KnownDifferences(out);
    }

    private static KnownDifference entry(Object item) {
        if (!(item instanceof Map<?, ?> map)) {
            throw new IllegalArgumentException(RESOURCE + ": not an entry: " + item);
        }
        String[] range = text(map, "qemu").split("\\.\\.", -1);
        if (range.length != 2) {
            throw new IllegalArgumentException(
                    RESOURCE + ": qemu must be FROM..TO, either may be empty: " + item);
        }
        return new KnownDifference(
                text(map, "id"),
                text(map, "section"),
                text(map, "right"),
                version(range[0]),
                version(range[1]),
                text(map, "says"));
    }

    private static String text(Map<?, ?> map, String key) {
        Object value = map.get(key);
        if (value == null) {
            throw new IllegalArgumentException(RESOURCE + ": no " + key + " in " + map);
        }
        return value.toString().strip();
    }

    private static Optional<QemuVersion> version(String text) {
        if (text.isBlank()) {
            return Optional.empty();
        }
        Optional<QemuVersion> version = QemuVersion.of(text);
        if (version.isEmpty()) {
            throw new IllegalArgumentException(RESOURCE + ": no QEMU version: " + text);
        }
        return version;
    }

    /// All of them, in the file's order.
    public List<KnownDifference> entries() {
        return entries;
    }

    /// The quirks that a QEMU which names its version so may show; none when that is no version.
    Set<Quirk> of(String version) {
        return QemuVersion.of(version).map(this::of).orElseGet(() -> EnumSet.noneOf(Quirk.class));
    }

    private Set<Quirk> of(QemuVersion version) {
        Set<Quirk> out = EnumSet.noneOf(Quirk.class);
        for (Quirk q : Quirk.values()) {
            if (entries.stream().anyMatch(e -> e.id().equals(q.id()) && e.covers(version))) {
                out.add(q);
            }
        }
        return out;
    }
}
