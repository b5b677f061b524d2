package dev.belfry.qemu.served;

import dev.belfry.model.bits.Hex;
import dev.belfry.model.system.SystemView;
import dev.belfry.model.system.SystemView.Function;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Answers what is asked over QMP.
final class ServedMonitor {

    /// Said first.
    static final String GREETING =
            "{\"QMP\": {\"version\": {\"qemu\": {\"micro\": 0, \"minor\": 0, \"major\": 0},"
                    + " \"package\": \"\"}, \"capabilities\": []}}";

    private static final JsonMapper JSON = JsonMapper.shared();
    private static final Pattern XP = Pattern.compile("xp /(\\d{1,4})xw 0x([0-9a-f]{1,16})");
    private static final int WORDS_A_LINE = 4;

    private final SystemView view;
    private final ServedMemory memory;
    private final Path ram;

    /// @param ram the file that holds the RAM, if there is one
    ServedMonitor(SystemView view, ServedMemory memory, Path ram) {
        this.ram = ram;
        this.view = view;
        this.memory = memory;
    }

    /// The reply to a line.
    String reply(String line) {
        ObjectNode reply = JSON.createObjectNode();
        try {
            JsonNode request = JSON.readTree(line);
            if (request.has("id")) {
                reply.set("id", request.path("id"));
            }
            answer(request, reply);
        } catch (JacksonException e) {
            error(reply, "Invalid JSON syntax");
        }
        return JSON.writeValueAsString(reply);
    }

    private void answer(JsonNode request, ObjectNode reply) {
        String command = request.path("execute").asString("");
        JsonNode arguments = request.path("arguments");
        switch (command) {
            case "qmp_capabilities", "stop", "cont" -> reply.putObject("return");
            case "query-status" ->
                    reply.putObject("return").put("running", false).put("status", "paused");
            case "query-kvm" ->
                    reply.putObject("return").put("enabled", false).put("present", false);
            case "query-cpus-fast" -> {
                ArrayNode cpus = reply.putArray("return");
                view.redistributors().forEach(r -> cpus.addObject().put("cpu-index", cpus.size()));
            }
            case "qom-get" -> property(arguments.path("property").asString(""), reply);
            case "query-pci" -> pci(reply.putArray("return"));
            case "human-monitor-command" ->
                    reply.put("return", monitor(arguments.path("command-line").asString("")));
            default -> error(reply, "The command " + command + " has not been found");
        }
    }

    private void property(String name, ObjectNode reply) {
        switch (name) {
            case "memory-backend" -> reply.put("return", "/objects/" + ServedMemory.BACKEND);
            case "mem-path" -> reply.put("return", ram.toAbsolutePath().toString());
            case "share" -> reply.put("return", Files.exists(ram));
            default -> error(reply, "Property '" + name + "' not found");
        }
    }

    private static void error(ObjectNode reply, String text) {
        reply.putObject("error").put("class", "GenericError").put("desc", text);
    }

    /// All functions side by side: who asks looks at bridges itself.
    private void pci(ArrayNode buses) {
        ArrayNode devices = buses.addObject().put("bus", 0).putArray("devices");
        for (Function f : view.functions()) {
            devices.addObject()
                    .put("bus", f.bdf().bus())
                    .put("slot", f.bdf().device())
                    .put("function", f.bdf().function());
        }
    }

    private String monitor(String line) {
        if (line.equals("info mtree -f")) {
            return memory.tree().replace("\n", "\r\n");
        }
        Matcher xp = XP.matcher(line);
        return xp.matches()
                ? words(Long.parseUnsignedLong(xp.group(2), 16), Integer.parseInt(xp.group(1)))
                : "unknown command: '" + line + "'\r\n";
    }

    private String words(long address, int count) {
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < count; i++) {
            if (i % WORDS_A_LINE == 0) {
                out.append(i == 0 ? "" : "\r\n").append("%016x:".formatted(address + 4L * i));
            }
            byte[] word = memory.read(address + 4L * i, 4);
            out.append(" ").append(padded(ServedQtest.number(word)));
        }
        return out.append("\r\n").toString();
    }

    private static String padded(long word) {
        String digits = Hex.of(word).substring(2);
        return "0x" + "0".repeat(8 - digits.length()) + digits;
    }
}
