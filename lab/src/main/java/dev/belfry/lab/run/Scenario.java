package dev.belfry.lab.run;

import dev.belfry.lab.InputError;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.Tag;
import org.snakeyaml.engine.v2.schema.FailsafeSchema;

/// Steps to take on a running machine, read from a file (docs/hot-plug.md):
///
/// ```
/// steps:
///   - device_add: {driver: vfio-pci, host: "0002:01:01.0", bus: rp1, iommufd: iommufd0, id: hot0}
///   - fire: {device: hot0}
///   - device_del: {device: hot0}
///   - device_add: {driver: nvme, bus: rp1}
///     expect: refused
/// ```
///
/// @param steps in order
public record Scenario(List<ScenarioStep> steps) {

    private static final List<String> ACTIONS =
            List.of("device_add", "device_del", "fire", "dma", "affinity", "reset", "system_reset");

    /// A step.
    ///
    /// @param action what is done
    /// @param expected what is to come of it
    public record ScenarioStep(Action action, Step.Outcome expected) {}

    public Scenario {
        steps = List.copyOf(steps);
    }

    /// The devices that come, by their properties.
    public List<Map<String, String>> devices() {
        List<Map<String, String>> out = new ArrayList<>();
        for (ScenarioStep s : steps) {
            if (s.action instanceof Action.DeviceAdd add) {
                out.add(add.properties());
            }
        }
        return out;
    }

    /// So that nesting is bounded: the reader of YAML calls itself for each level.
    private static final int MOST_OPENED = 1000;

    /// Nothing is done.
    public static final Scenario NONE = new Scenario(List.of());

    /// Reads a scenario.
    ///
    /// @param file its name, for messages
    /// @throws InputError when it cannot be used
    public static Scenario read(String file, String yaml) throws InputError {
        if (yaml.chars().filter(c -> c == '[' || c == '{').count() > MOST_OPENED) {
            throw new InputError(
                    file + ": more than " + MOST_OPENED + " brackets are opened",
                    "a scenario has one map a step");
        }
        Object root;
        try {
            LoadSettings settings =
                    LoadSettings.builder()
                            .setLabel(file)
                            .setSchema(new FailsafeSchema())
                            // The schema has no null, which is what an empty text is.
                            .setTagConstructors(Map.of(Tag.NULL, _ -> ""))
                            .build();
            root = new Load(settings).loadFromString(yaml);
        } catch (YamlEngineException e) {
            throw new InputError(
                    file
                            + ": not YAML: "
                            + String.valueOf(e.getMessage()).lines().findFirst().orElse(""),
                    "see docs/hot-plug.md");
        }
        if (!(root instanceof Map<?, ?> m) || !(m.get("steps") instanceof List<?> list)) {
            throw new InputError(file + ": not a scenario", "it begins with steps: and a list");
        }
        List<ScenarioStep> steps = new ArrayList<>();
        for (Object item : list) {
            steps.add(new Reader(file + ", step " + (steps.size() + 1)).step(item));
        }
        return new Scenario(steps);
    }

    /// Reads one step.
    private record Reader(String where) {

        ScenarioStep step(Object item) throws InputError {
            Map<String, Object> step = mapping(item);
            Step.Outcome expected = Step.Outcome.DONE;
            if (step.containsKey("expect")) {
                expected = outcome(String.valueOf(step.remove("expect")));
            }
            if (step.size() != 1) {
                throw wrong("a step is one action", "one of " + String.join(", ", ACTIONS));
            }
            Map.Entry<String, Object> only = step.entrySet().iterator().next();
            return new ScenarioStep(action(only.getKey(), texts(only.getValue())), expected);
        }

        private Action action(String key, Map<String, String> a) throws InputError {
            return switch (key) {
                case "device_add" -> new Action.DeviceAdd(a);
                case "device_del" -> {
                    only(a, key, "device", "id");
                    yield new Action.DeviceDel(a.getOrDefault("id", a.getOrDefault("device", "")));
                }
                case "fire" -> {
                    only(a, key, "device", "vector");
                    yield new Action.Fire(
                            device(a),
                            a.containsKey("vector")
                                    ? OptionalInt.of(number(a, "vector"))
                                    : OptionalInt.empty());
                }
                case "dma" -> {
                    only(a, key, "device");
                    yield new Action.Dma(device(a));
                }
                case "reset" -> {
                    only(a, key, "device");
                    yield new Action.Reset(device(a));
                }
                case "system_reset" -> {
                    only(a, key);
                    yield new Action.SystemReset();
                }
                case "affinity" -> {
                    only(a, key, "device", "vector", "cpu", "where");
                    String side = a.getOrDefault("where", "guest");
                    if (!Set.of("guest", "host").contains(side)) {
                        throw wrong("where: " + side, "where is guest or host");
                    }
                    yield new Action.Affinity(
                            device(a), number(a, "vector"), number(a, "cpu"), side.equals("host"));
                }
                default ->
                        throw wrong(
                                "no such action: " + key, "one of " + String.join(", ", ACTIONS));
            };
        }

        private void only(Map<String, String> a, String action, String... keys) throws InputError {
            for (String key : a.keySet()) {
                if (!List.of(keys).contains(key)) {
                    throw wrong(
                            action + " takes no '" + key + "'",
                            "it takes " + String.join(", ", keys));
                }
            }
        }

        private String device(Map<String, String> a) throws InputError {
            String device = a.getOrDefault("device", "");
            if (device.isEmpty()) {
                throw wrong("device is missing", "device: ID, or BB:DD.F in the guest");
            }
            return device;
        }

        private int number(Map<String, String> a, String key) throws InputError {
            String text = a.getOrDefault(key, "");
            if (!text.matches("\\d{1,4}")) {
                throw wrong(key + ": '" + text + "' is not a number", "a number from 0 on");
            }
            return Integer.parseInt(text);
        }

        private Step.Outcome outcome(String text) throws InputError {
            for (Step.Outcome o : Step.Outcome.values()) {
                if (o.key().equals(text.toLowerCase(Locale.ROOT))) {
                    return o;
                }
            }
            throw wrong("expect: " + text, "expect done, refused or lost");
        }

        private Map<String, String> texts(Object value) throws InputError {
            Map<String, String> out = new LinkedHashMap<>();
            for (Map.Entry<String, Object> e : mapping(value).entrySet()) {
                out.put(e.getKey(), String.valueOf(e.getValue()));
            }
            return out;
        }

        private Map<String, Object> mapping(Object value) throws InputError {
            if (!(value instanceof Map<?, ?> m)) {
                throw wrong("not a mapping", "such as - fire: {device: dev0}");
            }
            Map<String, Object> out = new LinkedHashMap<>();
            m.forEach((k, v) -> out.put(String.valueOf(k), v));
            return out;
        }

        private InputError wrong(String what, String fix) {
            return new InputError(where + ": " + what, fix);
        }
    }
}
