package dev.belfry.host.description;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/// Descriptions that come with Belfry, as resources.
final class Presets {

    static final List<String> NAMES = List.of("grace", "kunpeng920");

    private Presets() {}

    static HostDescription load(String name) {
        if (!NAMES.contains(name)) {
            throw new DescriptionError(
                    name, 0, "no such host", "a YAML file, or one of " + String.join(", ", NAMES));
        }
        String file = name + ".yaml";
        try (InputStream in = Presets.class.getResourceAsStream(file)) {
            if (in == null) {
                throw new IllegalStateException("missing resource " + file);
            }
            return HostYaml.read(file, new String(in.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
