package dev.belfry.vmm.qmp;

import dev.belfry.model.pci.EndpointCatalog;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.core.json.JsonReadFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// The QEMU Machine Protocol, as far as test programs use it: an object in, objects out.
public final class QmpServer {

    private static final String GENERIC = "GenericError";
    private static final int MAJOR = 10;
    private static final int MINOR = 2;

    private final JsonMapper mapper =
            JsonMapper.builder().enable(JsonReadFeature.ALLOW_SINGLE_QUOTES).build();
    private final QmpMachine machine;
    private final InstantSource clock;
    private boolean negotiated;
    private boolean running = true;
    private volatile boolean ended;

    /// @param machine what commands are about
    /// @param clock time of events
    public QmpServer(QmpMachine machine, InstantSource clock) {
        this.machine = machine;
        this.clock = clock;
    }

    /// What is sent before anything is asked.
    public String greeting() {
        ObjectNode root = mapper.createObjectNode();
        ObjectNode qmp = root.putObject("QMP");
        version(qmp.putObject("version"));
        qmp.putArray("capabilities").add("oob");
        return mapper.writeValueAsString(root);
    }

    private static void version(ObjectNode version) {
        version.putObject("qemu").put("micro", 0).put("minor", MINOR).put("major", MAJOR);
        version.put("package", "");
    }

    /// Whether `quit` was asked for.
    public boolean ended() {
        return ended;
    }

    /// What is sent for one text, each a line.
    public List<String> reply(String text) {
        JsonNode request;
        try {
            request = mapper.readTree(text);
        } catch (JacksonException e) {
            return List.of(error("GenericError", "JSON parse error, invalid input", null));
        }
        if (request == null || !request.isObject()) {
            return List.of(error("GenericError", "QMP input must be a JSON object", null));
        }
        JsonNode id = request.get("id");
        JsonNode name = request.get("execute");
        name = name == null ? request.get("exec-oob") : name;
        if (name == null || !name.isString()) {
            return List.of(error("GenericError", "QMP input lacks member 'execute'", id));
        }
        return execute(name.stringValue(), request.get("arguments"), id);
    }

    private List<String> execute(
            String name,
            @org.jspecify.annotations.Nullable JsonNode arguments,
            @org.jspecify.annotations.Nullable JsonNode id) {
        if (!negotiated) {
            if (!name.equals("qmp_capabilities")) {
                return List.of(
                        error(
                                "CommandNotFound",
                                "Expecting capabilities negotiation with 'qmp_capabilities'",
                                id));
            }
            negotiated = true;
            return List.of(done(mapper.createObjectNode(), id));
        }
        Optional<QmpMachine.Answer> answer = onMachine(name, properties(arguments));
        if (answer.isPresent()) {
            return answered(name, answer.get(), id);
        }
        List<String> events = new ArrayList<>();
        JsonNode result = result(name, events);
        if (result == null) {
            String unknown = "The command " + name + " has not been found";
            return List.of(error("CommandNotFound", unknown, id));
        }
        events.addFirst(done(result, id));
        return events;
    }

    private Optional<QmpMachine.Answer> onMachine(String name, Map<String, String> properties) {
        return switch (name) {
            case "system_reset" -> Optional.of(machine.reset());
            case "device_add" -> machine.deviceAdd(properties);
            case "device_del" -> {
                for (String key : properties.keySet()) {
                    if (!key.equals("id")) {
                        yield Optional.of(
                                QmpMachine.Answer.refused(
                                        GENERIC, "Parameter '" + key + "' is unexpected"));
                    }
                }
                yield properties.containsKey("id")
                        ? machine.deviceDel(properties.getOrDefault("id", ""))
                        : Optional.of(
                                QmpMachine.Answer.refused(GENERIC, "Parameter 'id' is missing"));
            }
            default -> Optional.empty();
        };
    }

    private List<String> answered(
            String name, QmpMachine.Answer answer, @org.jspecify.annotations.Nullable JsonNode id) {
        List<String> lines = new ArrayList<>();
        answer.error()
                .ifPresentOrElse(
                        e -> lines.add(error(e.errorClass(), e.message(), id)),
                        () -> lines.add(done(mapper.createObjectNode(), id)));
        for (QmpMachine.Event e : answer.events()) {
            ObjectNode data = mapper.createObjectNode();
            e.data().forEach(data::put);
            lines.add(event(e.name(), data));
        }
        if (name.equals("system_reset") && answer.error().isEmpty()) {
            ObjectNode data = mapper.createObjectNode();
            data.put("guest", false).put("reason", "host-qmp-system-reset");
            lines.add(event("RESET", data));
        }
        return lines;
    }

    /// Members as texts, as QEMU's properties take them; what is inside a member gets its name in
    /// front.
    private static Map<String, String> properties(
            @org.jspecify.annotations.Nullable JsonNode arguments) {
        Map<String, String> out = new LinkedHashMap<>();
        if (arguments != null) {
            flatten("", arguments, out);
        }
        return out;
    }

    private static void flatten(String name, JsonNode node, Map<String, String> out) {
        if (node.isObject()) {
            for (Map.Entry<String, JsonNode> e : node.properties()) {
                flatten(name.isEmpty() ? e.getKey() : name + "." + e.getKey(), e.getValue(), out);
            }
        } else if (node.isBoolean()) {
            out.put(name, node.booleanValue() ? "on" : "off");
        } else if (!name.isEmpty()) {
            out.put(name, node.isString() ? node.stringValue() : node.toString());
        }
    }

    private @org.jspecify.annotations.Nullable JsonNode result(String name, List<String> events) {
        ObjectNode nothing = mapper.createObjectNode();
        return switch (name) {
            case "qmp_capabilities" -> null;
            case "query-version" -> {
                version(nothing);
                yield nothing;
            }
            case "query-status" ->
                    nothing.put("status", running ? "running" : "paused").put("running", running);
            case "query-machines" -> machines();
            case "query-cpu-definitions" -> cpus();
            case "qom-list-types" -> types();
            case "query-commands", "query-cpus-fast", "query-pci", "query-chardev" ->
                    mapper.createArrayNode();
            case "human-monitor-command" -> mapper.getNodeFactory().stringNode("");
            case "stop", "cont" -> {
                running = name.equals("cont");
                events.add(event(running ? "RESUME" : "STOP", nothing));
                yield mapper.createObjectNode();
            }
            case "quit" -> {
                ended = true;
                nothing.put("guest", false).put("reason", "host-qmp-quit");
                events.add(event("SHUTDOWN", nothing));
                yield mapper.createObjectNode();
            }
            default -> null;
        };
    }

    private ArrayNode machines() {
        ArrayNode out = mapper.createArrayNode();
        machine(out.addObject(), "none", 1);
        ObjectNode virt = out.addObject();
        machine(virt, "virt-" + MAJOR + "." + MINOR, 512);
        virt.put("alias", "virt");
        return out;
    }

    private static void machine(ObjectNode node, String name, int cpus) {
        node.put("name", name)
                .put("cpu-max", cpus)
                .put("hotpluggable-cpus", cpus > 1)
                .put("numa-mem-supported", cpus > 1)
                .put("deprecated", false)
                .put("acpi", cpus > 1);
    }

    private ArrayNode cpus() {
        ArrayNode out = mapper.createArrayNode();
        out.addObject().put("name", "max").put("typename", "max-arm-cpu").put("static", false);
        return out;
    }

    private ArrayNode types() {
        ArrayNode out = mapper.createArrayNode();
        for (String name : EndpointCatalog.names()) {
            out.addObject().put("name", name).put("parent", "pci-device");
        }
        return out;
    }

    private String done(JsonNode result, @org.jspecify.annotations.Nullable JsonNode id) {
        ObjectNode out = mapper.createObjectNode();
        out.set("return", result);
        return finish(out, id);
    }

    private String error(String type, String what, @org.jspecify.annotations.Nullable JsonNode id) {
        ObjectNode out = mapper.createObjectNode();
        out.putObject("error").put("class", type).put("desc", what);
        return finish(out, id);
    }

    private String finish(ObjectNode out, @org.jspecify.annotations.Nullable JsonNode id) {
        if (id != null) {
            out.set("id", id);
        }
        return mapper.writeValueAsString(out);
    }

    private String event(String name, ObjectNode data) {
        Instant now = clock.instant();
        ObjectNode out = mapper.createObjectNode();
        out.putObject("timestamp")
                .put("seconds", now.getEpochSecond())
                .put("microseconds", now.getNano() / 1000);
        out.put("event", name);
        if (!data.isEmpty()) {
            out.set("data", data);
        }
        return mapper.writeValueAsString(out);
    }
}
