package dev.belfry.host.description;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.schema.CoreSchema;

/// A mapping of a YAML file, with typed values and errors that say where.
final class YamlMap {

    private static final int MAX_ALIASES = 50;
    private static final int MOST_CHARACTERS = 1 << 20;
    private static final int DEEPEST = 32;

    private final String file;
    private final String what;
    private final int line;
    private final Map<String, Node> entries = new LinkedHashMap<>();

    private YamlMap(String file, String what, MappingNode node) {
        this.file = file;
        this.what = what;
        this.line = line(node);
        for (NodeTuple t : node.getValue()) {
            String key = t.getKeyNode() instanceof ScalarNode s ? s.getValue() : "?";
            if (entries.put(key, t.getValueNode()) != null) {
                throw new DescriptionError(
                        file, line(t.getKeyNode()), "'" + key + "' is given twice", "keep one");
            }
        }
    }

    /// Parses a whole file, which must be a mapping.
    static YamlMap parse(String file, String yaml) {
        if (yaml.length() > MOST_CHARACTERS) {
            throw new DescriptionError(
                    file, 0, "it has more than 1 MiB", "a host is described in a few KiB");
        }
        LoadSettings settings =
                LoadSettings.builder()
                        .setLabel(file)
                        .setSchema(new CoreSchema())
                        .setMaxAliasesForCollections(MAX_ALIASES)
                        .build();
        try {
            refuseDepth(file, new Parse(settings).parseString(yaml));
            Optional<Node> root = new Compose(settings).composeString(yaml);
            if (root.isPresent() && root.get() instanceof MappingNode m) {
                return new YamlMap(file, "the file", m);
            }
        } catch (MarkedYamlEngineException e) {
            int at = e.getProblemMark().map(Mark::getLine).orElse(-1) + 1;
            throw new DescriptionError(file, at, e.getProblem(), "this is not YAML");
        } catch (YamlEngineException e) {
            throw new DescriptionError(file, 0, "not YAML: " + e.getMessage(), "see examples/");
        }
        throw new DescriptionError(
                file, 1, "not a description of a host", "keys like smmus: and devices:");
    }

    /// The parser goes through events one by one; who composes them goes as deep as they are
    /// nested.
    private static void refuseDepth(String file, Iterable<Event> events) {
        int depth = 0;
        for (Event event : events) {
            switch (event.getEventId()) {
                case MappingStart, SequenceStart -> depth++;
                case MappingEnd, SequenceEnd -> depth--;
                default -> {}
            }
            if (depth > DEEPEST) {
                throw new DescriptionError(
                        file,
                        event.getStartMark().map(Mark::getLine).orElse(-1) + 1,
                        "values are nested more than " + DEEPEST + " deep",
                        "see examples/hosts");
            }
        }
    }

    private static int line(Node node) {
        return node.getStartMark().map(Mark::getLine).orElse(-1) + 1;
    }

    /// Refuses keys that nobody asks for: most are spelling mistakes.
    YamlMap only(String... keys) {
        Set<String> known = Set.of(keys);
        for (Map.Entry<String, Node> e : entries.entrySet()) {
            if (!known.contains(e.getKey())) {
                throw new DescriptionError(
                        file,
                        line(e.getValue()),
                        what + " has no '" + e.getKey() + "'",
                        "known are " + String.join(", ", keys));
            }
        }
        return this;
    }

    boolean has(String key) {
        return entries.containsKey(key);
    }

    DescriptionError error(String key, String message, String hint) {
        Node node = entries.get(key);
        return new DescriptionError(file, node == null ? line : line(node), message, hint);
    }

    private Node node(String key, String hint) {
        Node node = entries.get(key);
        if (node == null) {
            throw new DescriptionError(file, line, what + " lacks '" + key + "'", hint);
        }
        return node;
    }

    String text(String key, String hint) {
        if (node(key, hint) instanceof ScalarNode s) {
            return s.getValue();
        }
        throw error(key, "'" + key + "' is not a single value", hint);
    }

    String text(String key, String otherwise, String hint) {
        return has(key) ? text(key, hint) : otherwise;
    }

    boolean flag(String key, boolean otherwise) {
        if (!has(key)) {
            return otherwise;
        }
        return switch (text(key, "true or false")) {
            case "true", "on", "yes" -> true;
            case "false", "off", "no" -> false;
            default -> throw error(key, "'" + key + "' is not a flag", "true or false");
        };
    }

    /// A number: decimal or `0x…`, with K, M, G or T for a size.
    long number(String key, String hint) {
        String text = text(key, hint);
        int unit = "KMGT".indexOf(text.isEmpty() ? ' ' : text.charAt(text.length() - 1)) + 1;
        String digits = unit > 0 ? text.substring(0, text.length() - 1) : text;
        try {
            long value =
                    digits.startsWith("0x")
                            ? Long.parseUnsignedLong(digits.substring(2), 16)
                            : Long.parseLong(digits);
            return Math.multiplyExact(value, 1L << (10 * unit));
        } catch (NumberFormatException | ArithmeticException e) {
            throw error(key, "'" + key + ": " + text + "' is not a number", hint);
        }
    }

    long number(String key, long otherwise, String hint) {
        return has(key) ? number(key, hint) : otherwise;
    }

    /// A number within bounds.
    int number(String key, int otherwise, int least, int most) {
        String hint = least + " to " + most;
        long value = number(key, (long) otherwise, hint);
        if (value < least || value > most) {
            throw error(key, "'" + key + ": " + value + "' is out of range", hint);
        }
        return (int) value;
    }

    YamlMap map(String key, String hint) {
        if (node(key, hint) instanceof MappingNode m) {
            return new YamlMap(file, "'" + key + "'", m);
        }
        throw error(key, "'" + key + "' is not a mapping", hint);
    }

    boolean isMap(String key) {
        return entries.get(key) instanceof MappingNode;
    }

    /// A list of words; empty when the key is absent.
    List<String> texts(String key, String hint) {
        List<String> out = new ArrayList<>();
        if (!has(key)) {
            return out;
        }
        if (!(node(key, hint) instanceof SequenceNode s)) {
            throw error(key, "'" + key + "' is not a list", hint);
        }
        for (Node n : s.getValue()) {
            if (!(n instanceof ScalarNode word)) {
                throw new DescriptionError(
                        file, line(n), "an entry of '" + key + "' is not a word", hint);
            }
            out.add(word.getValue());
        }
        return out;
    }

    /// The mappings of a list; empty when the key is absent.
    List<YamlMap> list(String key, String hint) {
        List<YamlMap> out = new ArrayList<>();
        if (!has(key)) {
            return out;
        }
        if (!(node(key, hint) instanceof SequenceNode s)) {
            throw error(key, "'" + key + "' is not a list", hint);
        }
        for (Node n : s.getValue()) {
            if (!(n instanceof MappingNode m)) {
                throw new DescriptionError(
                        file, line(n), "an entry of '" + key + "' is not a mapping", hint);
            }
            out.add(new YamlMap(file, "an entry of '" + key + "'", m));
        }
        return out;
    }
}
