package dev.belfry.qemu.qmp;

import java.io.IOException;
import java.io.Reader;
import java.io.StringWriter;
import java.util.Map;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.exc.StreamReadException;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// QMP's lines: one JSON value each. Read and written token by token, because to set up Jackson's
/// mapper takes longer than a whole conversation.
final class Lines {

    private static final int LONGEST = 1 << 24;

    private static final JsonFactory TOKENS = new JsonFactory();
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private Lines() {}

    /// The next line, with its end; empty when there is none.
    ///
    /// @throws IOException when it is longer than any answer of QEMU's
    static String next(Reader from) throws IOException {
        StringBuilder out = new StringBuilder();
        for (int c = from.read(); c >= 0; c = from.read()) {
            out.append((char) c);
            if (c == '\n') {
                break;
            }
            if (out.length() == LONGEST) {
                throw new IOException("a line of more than " + LONGEST + " characters");
            }
        }
        return out.toString();
    }

    /// The value in a line.
    ///
    /// @throws tools.jackson.core.JacksonException when it is none
    static JsonNode read(String line) {
        try (JsonParser parser = TOKENS.createParser(ObjectReadContext.empty(), line)) {
            parser.nextToken();
            JsonNode value = value(parser);
            if (parser.nextToken() != null) {
                throw new StreamReadException(parser, "more than one value in a line");
            }
            return value;
        }
    }

    private static JsonNode value(JsonParser parser) {
        JsonToken token = parser.currentToken();
        return switch (token) {
            case START_OBJECT -> object(parser);
            case START_ARRAY -> array(parser);
            case VALUE_STRING -> NODES.stringNode(parser.getString());
            case VALUE_NUMBER_INT -> NODES.numberNode(parser.getBigIntegerValue());
            case VALUE_NUMBER_FLOAT -> NODES.numberNode(parser.getDoubleValue());
            case VALUE_TRUE -> NODES.booleanNode(true);
            case VALUE_FALSE -> NODES.booleanNode(false);
            case VALUE_NULL -> NODES.nullNode();
            case null, default -> throw new StreamReadException(parser, "no value in a line");
        };
    }

    private static ObjectNode object(JsonParser parser) {
        ObjectNode out = NODES.objectNode();
        while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
            String name = parser.currentName();
            parser.nextToken();
            out.set(name, value(parser));
        }
        return out;
    }

    private static ArrayNode array(JsonParser parser) {
        ArrayNode out = NODES.arrayNode();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            out.add(value(parser));
        }
        return out;
    }

    /// An object as a line, without its end.
    static String write(ObjectNode object) {
        StringWriter out = new StringWriter();
        try (JsonGenerator generator = TOKENS.createGenerator(ObjectWriteContext.empty(), out)) {
            write(generator, object);
        }
        return out.toString();
    }

    private static void write(JsonGenerator out, JsonNode node) {
        switch (node) {
            case ObjectNode object -> {
                out.writeStartObject();
                for (Map.Entry<String, JsonNode> e : object.properties()) {
                    out.writeName(e.getKey());
                    write(out, e.getValue());
                }
                out.writeEndObject();
            }
            case ArrayNode array -> {
                out.writeStartArray();
                array.forEach(n -> write(out, n));
                out.writeEndArray();
            }
            default -> scalar(out, node);
        }
    }

    private static void scalar(JsonGenerator out, JsonNode node) {
        if (node.isBoolean()) {
            out.writeBoolean(node.booleanValue());
        } else if (node.isIntegralNumber()) {
            out.writeNumber(node.bigIntegerValue());
        } else if (node.isNumber()) {
            out.writeNumber(node.doubleValue());
        } else if (node.isNull()) {
            out.writeNull();
        } else {
            out.writeString(node.stringValue());
        }
    }
}
