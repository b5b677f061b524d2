package dev.belfry.vmm.catalog;

import dev.belfry.vmm.version.QemuVersion;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/// A device, an object, a CPU or the machine.
///
/// @param name QEMU's own, where an alias was asked for
/// @param bus the kind of bus that it sits on: `PCI`, `System`, `usb-bus`; empty for none
/// @param span the releases that have it
/// @param properties by name; more than one where a type has changed
public record Description(
        String name, String bus, Span span, Map<String, List<Property>> properties) {

    /// A property, as a release has it.
    public Optional<Property> property(String key, QemuVersion release) {
        return properties.getOrDefault(key, List.of()).stream()
                .filter(p -> p.span().has(release))
                .findFirst();
    }

    /// The release that brings a property, or a type of it that takes a value.
    public Optional<QemuVersion> later(String key, String value, QemuVersion release) {
        return properties.getOrDefault(key, List.of()).stream()
                .filter(p -> p.span().since().map(s -> !release.isAtLeast(s)).orElse(false))
                .filter(p -> p.type().takes(value))
                .flatMap(p -> p.span().since().stream())
                .min(QemuVersion::compareTo);
    }

    /// The names of a release's properties.
    public Set<String> names(QemuVersion release) {
        Set<String> names = new TreeSet<>();
        properties.forEach((name, each) -> {
            if (each.stream().anyMatch(p -> p.span().has(release))) {
                names.add(name);
            }
        });
        return names;
    }
}
