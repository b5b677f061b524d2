package dev.belfry.cli.json;

import dev.belfry.model.bits.Hex;
import dev.belfry.model.journey.Bytes;
import dev.belfry.model.journey.Hop;
import java.io.PrintWriter;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// What all commands' JSON has in common: the envelope, and how numbers, bytes and hops are
/// written.
public final class Json {

    private static final JsonMapper MAPPER =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    private Json() {}

    /// The envelope of every command.
    public static ObjectNode envelope(String version, String command) {
        ObjectNode root = MAPPER.createObjectNode();
        root.put("belfry", version);
        root.put("command", command);
        return root;
    }

    /// Prints one object.
    public static void print(PrintWriter out, ObjectNode root) {
        out.println(MAPPER.writeValueAsString(root));
    }

    static void hex(ObjectNode node, String key, OptionalLong value) {
        if (value.isPresent()) {
            node.put(key, Hex.of(value.getAsLong()));
        } else {
            node.putNull(key);
        }
    }

    static void hex(ObjectNode node, String key, OptionalInt value) {
        if (value.isPresent()) {
            node.put(key, Hex.of(value.getAsInt()));
        } else {
            node.putNull(key);
        }
    }

    static void number(ObjectNode node, String key, OptionalInt value) {
        if (value.isPresent()) {
            node.put(key, value.getAsInt());
        } else {
            node.putNull(key);
        }
    }

    static void text(ObjectNode node, String key, Optional<String> value) {
        if (value.isPresent()) {
            node.put(key, value.get());
        } else {
            node.putNull(key);
        }
    }

    static void bytes(ObjectNode node, String key, Bytes bytes) {
        ArrayNode array = node.putArray(key);
        for (int i = 0; i < bytes.length(); i++) {
            array.add(bytes.at(i));
        }
    }

    /// The hops of a journey.
    public static void hops(ObjectNode node, List<Hop> hops) {
        ArrayNode array = node.putArray("hops");
        for (Hop hop : hops) {
            ObjectNode h = array.addObject();
            h.put("kind", hop.kind().name());
            h.put("where", hop.where().key());
            hex(h, "address", hop.address());
            bytes(h, "bytes", hop.bytes());
            ObjectNode fields = h.putObject("fields");
            hop.fields().forEach(fields::put);
            h.put("verdict", hop.verdict().key());
            h.put("rule", hop.rule());
        }
    }
}
