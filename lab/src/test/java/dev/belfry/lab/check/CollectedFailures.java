package dev.belfry.lab.check;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Reads `failures.txt`: failures that people met, and what is told of each before launch.
final class CollectedFailures {

    private static final Pattern BASE = Pattern.compile("base (\\w+) = (.+)");
    private static final Pattern ENTRY = Pattern.compile("\\[([^]]+)](.*)");
    private static final Pattern LINE = Pattern.compile("    ([a-z ]+): (.*)");

    /// One failure.
    ///
    /// @param item number of the report, or a phrase
    /// @param rule that tells of it, and its severity
    /// @param also rules of other refusals and losses that it has
    /// @param failing what fails
    /// @param right the same put right
    record Case(String item, String rule, Set<String> also, Try failing, Try right) {
        @Override
        public String toString() {
            return item + ": " + rule;
        }
    }

    /// What is checked, and under which conditions.
    record Try(String text, Conditions conditions) {}

    private final Path folder;
    private final Map<String, String> bases = new HashMap<>();
    private final Map<String, String> now = new HashMap<>();
    private final List<Case> cases = new ArrayList<>();
    private final List<Case> refused = new ArrayList<>();
    private final Map<String, String> unknowable = new LinkedHashMap<>();
    private String item = "";

    CollectedFailures(Path folder) throws IOException {
        this.folder = folder;
        for (String line : Files.readAllLines(folder.resolve("failures.txt"))) {
            read(line);
        }
    }

    /// What a rule tells of.
    List<Case> cases() {
        return List.copyOf(cases);
    }

    /// What a host file is not taken for; their rule is words of the sentence.
    List<Case> refused() {
        return List.copyOf(refused);
    }

    /// What nothing before launch tells of, and why.
    Map<String, String> unknowable() {
        return Map.copyOf(unknowable);
    }

    private void read(String line) throws IOException {
        if (line.isBlank() || line.startsWith("#")) {
            return;
        }
        Matcher base = BASE.matcher(line);
        Matcher entry = ENTRY.matcher(line);
        Matcher m = LINE.matcher(line);
        if (base.matches()) {
            bases.put(base.group(1), base.group(2));
        } else if (entry.matches()) {
            item = entry.group(1);
        } else if (m.matches()) {
            read(m.group(1), m.group(2));
        } else {
            throw new IllegalArgumentException("cannot be read: " + line);
        }
    }

    private void read(String key, String value) throws IOException {
        switch (key) {
            case "unknowable" -> unknowable.put(item, value);
            case "rule", "refused" -> {
                now.clear();
                now.put(key, value);
            }
            case "on", "also", "failing", "right on" -> now.put(key, value);
            case "right" -> {
                Conditions on = conditions(now.getOrDefault("on", ""));
                String other = now.get("right on");
                Try failing = new Try(text(now.getOrDefault("failing", "")), on);
                Try right = new Try(text(value), other == null ? on : conditions(other));
                Set<String> also = Set.of(now.getOrDefault("also", "").split(" "));
                if (now.containsKey("refused")) {
                    refused.add(
                            new Case(item, now.getOrDefault("refused", ""), also, failing, right));
                } else {
                    cases.add(new Case(item, now.getOrDefault("rule", ""), also, failing, right));
                }
            }
            default -> throw new IllegalArgumentException(item + ": " + key);
        }
    }

    private Conditions conditions(String words) {
        Map<String, String> by = new HashMap<>();
        for (String word : words.isEmpty() ? new String[0] : words.split(" ")) {
            by.put(word.substring(0, word.indexOf('=')), word.substring(word.indexOf('=') + 1));
        }
        return new Conditions(
                Optional.ofNullable(by.get("host"))
                        .map(h -> h.endsWith(".yaml") ? folder.resolve(h).toString() : h),
                Optional.ofNullable(by.get("qemu")),
                Optional.ofNullable(by.get("kernel")));
    }

    /// A base or a file, with some things in another way.
    private String text(String written) throws IOException {
        String[] parts = written.split(" \\| ");
        String text = start(parts[0].strip());
        for (int i = 1; i < parts.length; i++) {
            String[] change = parts[i].split(" =>", 2);
            if (!text.contains(change[0])) {
                throw new IllegalArgumentException(item + ": no " + change[0]);
            }
            text = text.replace(change[0], change[1].strip());
        }
        return text;
    }

    private String start(String name) throws IOException {
        if (name.endsWith(".xml")) {
            return Files.readString(folder.resolve(name));
        }
        return Optional.ofNullable(bases.get(name.substring(1, name.length() - 1)))
                .orElseThrow(() -> new IllegalArgumentException(item + ": no base " + name));
    }
}
