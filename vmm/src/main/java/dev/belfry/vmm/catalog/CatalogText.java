package dev.belfry.vmm.catalog;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;

/// Reads `qemu.txt`; its form is described with the package.
final class CatalogText {

    private static final String RESOURCE = "qemu.txt";

    final Map<String, Description> devices = new TreeMap<>();
    final Map<String, String> aliases = new HashMap<>();
    final Map<String, Description> objects = new TreeMap<>();
    final Map<String, Description> cpus = new TreeMap<>();
    final Set<String> builtIn = new HashSet<>();
    final Set<String> foreignCpus = new HashSet<>();
    final Set<String> machines = new HashSet<>();
    Description machine = new Description("virt", "", Span.ALWAYS, Map.of());

    private final Map<String, List<Property>> sets = new HashMap<>();
    private final ValueTypes types = new ValueTypes();

    private CatalogText() {}

    static CatalogText read() {
        CatalogText catalog = new CatalogText();
        List<String> words = new ArrayList<>();
        List<String> below = new ArrayList<>();
        for (String line : lines()) {
            if (line.isBlank() || line.startsWith("#")) {
                continue;
            }
            if (!line.startsWith(" ")) {
                catalog.block(words, below);
                words = new ArrayList<>(List.of(line.split(" ")));
                below = new ArrayList<>();
            } else {
                below.addAll(List.of(line.strip().split(" ")));
            }
        }
        catalog.block(words, below);
        return catalog;
    }

    private static List<String> lines() {
        try (InputStream in =
                Objects.requireNonNull(CatalogText.class.getResourceAsStream(RESOURCE))) {
            return Arrays.asList(
                    new String(in.readAllBytes(), StandardCharsets.US_ASCII).split("\n"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void block(List<String> words, List<String> below) {
        if (words.isEmpty()) {
            return;
        }
        switch (words.getFirst()) {
            case "enum" -> types.choice(words.get(1), words.subList(2, words.size()));
            case "set" -> sets.put(words.get(1), below.stream().map(this::property).toList());
            case "builtin" -> builtIn.addAll(below);
            case "foreign-cpus" -> foreignCpus.addAll(below);
            case "machines" -> machines.addAll(below);
            case "elsewhere" ->
                    below.forEach(name ->
                            devices.put(
                                    name,
                                    new Description(name, words.get(1), Span.ALWAYS, Map.of())));
            case "machine" -> machine = describe("virt", List.of(":", "-"), below);
            case "device" -> put(devices, words, below);
            case "cpu" -> put(cpus, words, below);
            case "object" -> put(objects, words, below);
            default -> throw new IllegalStateException(words.getFirst());
        }
    }

    private void put(Map<String, Description> into, List<String> words, List<String> below) {
        int colon = words.indexOf(":");
        List<String> after = words.subList(colon, words.size());
        for (String word : words.subList(1, colon)) {
            int equals = word.indexOf('=');
            String name = equals < 0 ? word : word.substring(0, equals);
            if (equals > 0) {
                aliases.put(word.substring(equals + 1), name);
            }
            into.put(name, describe(name, after, below));
        }
    }

    /// @param after a colon, the bus with its span, the sets
    private Description describe(String name, List<String> after, List<String> own) {
        String bus = after.get(1);
        int at = bus.indexOf('@');
        Span span = at < 0 ? Span.ALWAYS : Span.of(bus.substring(at + 1));
        Map<String, List<Property>> properties = new LinkedHashMap<>();
        for (String set : after.subList(2, after.size())) {
            Objects.requireNonNull(sets.get(set)).forEach(p -> add(properties, p));
        }
        own.forEach(p -> add(properties, property(p)));
        String plain = at < 0 ? bus : bus.substring(0, at);
        return new Description(name, plain.equals("-") ? "" : plain, span, properties);
    }

    private static void add(Map<String, List<Property>> properties, Property p) {
        properties.computeIfAbsent(p.name(), n -> new ArrayList<>()).add(p);
    }

    /// `NAME:TYPE!@SPAN`
    private Property property(String text) {
        int colon = text.indexOf(':');
        int at = text.indexOf('@', colon);
        String type = text.substring(colon + 1, at < 0 ? text.length() : at);
        boolean required = type.endsWith("!");
        return new Property(
                text.substring(0, colon),
                types.of(required ? type.substring(0, type.length() - 1) : type),
                required,
                at < 0 ? Span.ALWAYS : Span.of(text.substring(at + 1)));
    }
}
