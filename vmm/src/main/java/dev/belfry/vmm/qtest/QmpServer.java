package dev.belfry.vmm.qtest;

import dev.belfry.model.pci.EndpointCatalog;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.core.json.JsonReadFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// The QEMU Machine Protocol, as far as test programs use it: an object in, objects out.
final class QmpServer {

    private static final int MAJOR = 10;
    private static final int MINOR = 2;

    private final JsonMapper mapper =
            JsonMapper.builder().enable(JsonReadFeature.ALLOW_SINGLE_QUOTES).build();
    private final StandInMachine machine;
    private final InstantSource clock;
    private boolean negotiated;
    private boolean running = true;
    private boolean ended;

    QmpServer(StandInMachine machine, InstantSource clock) {
        this.machine = machine;
        this.clock = clock;
    }

    /// What is sent before anything is asked.
    String greeting() {
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
    boolean ended() {
        return ended;
    }

    /// What is sent for one text, each a line.
    List<String> reply(String text) {
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
        return execute(name.stringValue(), id);
    }

    private List<String> execute(String name, @org.jspecify.annotations.Nullable JsonNode id) {
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
        List<String> events = new ArrayList<>();
        JsonNode result = result(name, events);
        if (result == null) {
            String unknown = "The command " + name + " has not been found";
            return List.of(error("CommandNotFound", unknown, id));
        }
        events.addFirst(done(result, id));
        return events;
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
            case "system_reset" -> {
                machine.reset();
                nothing.put("guest", false).put("reason", "host-qmp-system-reset");
                events.add(event("RESET", nothing));
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
