package dev.belfry.vmm.cmdline;

import java.util.ArrayList;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.json.JsonReadFeature;

/// Reads the JSON form of an option into the same pairs as its `key=value` form.
///
/// Booleans become `on` and `off`, numbers their text, nested objects dotted keys, arrays numbered
/// ones. A key given twice is an error, as it is for QEMU.
final class JsonObject {

    private static final JsonFactory FACTORY =
            JsonFactory.builder()
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .enable(JsonReadFeature.ALLOW_SINGLE_QUOTES)
                    .build();

    private final Token token;
    private final Position option;
    private final List<Param> params = new ArrayList<>();

    private JsonObject(Token token, Position option) {
        this.token = token;
        this.option = option;
    }

    static Params read(Token token, Position option) {
        JsonObject reader = new JsonObject(token, option);
        try (JsonParser json = FACTORY.createParser(ObjectReadContext.empty(), token.text())) {
            json.nextToken();
            reader.object(json, "");
            if (json.nextToken() != null) {
                throw reader.error(reader.here(json), "there is text behind the JSON object");
            }
        } catch (JacksonException e) {
            // A limit of the parser's own is met at no place in particular.
            TokenStreamLocation place = e.getLocation();
            int offset = place == null ? 0 : (int) Math.max(0, place.getCharOffset());
            throw reader.error(
                    token.at(offset, option.text()),
                    "JSON parse error, " + firstLine(e.getOriginalMessage()));
        }
        return new Params(reader.params);
    }

    private void object(JsonParser json, String prefix) {
        while (json.nextToken() == JsonToken.PROPERTY_NAME) {
            String key = prefix + json.currentName();
            Position at = here(json);
            json.nextToken();
            value(json, key, at);
        }
    }

    private void value(JsonParser json, String key, Position at) {
        switch (json.currentToken()) {
            case START_OBJECT -> object(json, key + ".");
            case START_ARRAY -> {
                for (int i = 0; json.nextToken() != JsonToken.END_ARRAY; i++) {
                    value(json, key + "." + i, at);
                }
            }
            case VALUE_TRUE -> params.add(new Param(key, "on", at, Written.JSON_BOOLEAN));
            case VALUE_FALSE -> params.add(new Param(key, "off", at, Written.JSON_BOOLEAN));
            case VALUE_STRING ->
                    params.add(new Param(key, json.getString(), at, Written.JSON_STRING));
            case VALUE_NULL -> nothing(key, at);
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT ->
                    params.add(
                            new Param(key, number(key, json.getString()), at, Written.JSON_NUMBER));
            default -> throw error(at, "JSON value of '" + key + "' has no meaning here");
        }
    }

    /// Only a node of block devices may be `null`: it has no `backing` then (QEMU qapi
    /// `BlockdevRefOrNull`).
    private void nothing(String key, Position at) {
        if (!option.text().startsWith("-blockdev")) {
            throw error(at, "JSON value of '" + key + "' has no meaning here");
        }
    }

    /// A number as `addr` is device and function in one, where a string is slot and function.
    private static String number(String key, String text) {
        long value = Quantities.number(text).orElse(-1);
        return key.equals("addr") && value >= 0 && value < 256
                ? String.format("%x.%x", value >> 3, value & 7)
                : text;
    }

    private Position here(JsonParser json) {
        return token.at((int) json.currentTokenLocation().getCharOffset(), option.text());
    }

    private CommandLineError error(Position at, String message) {
        return new CommandLineError(
                "OPTION-JSON",
                at,
                message,
                "write {\"key\":\"value\",…} in one pair of single quotes, or key=value,… without"
                        + " braces");
    }

    /// Without the parser's own words about places.
    private static String firstLine(String text) {
        return text.lines().findFirst().orElse("").replaceFirst(" \\(start marker at .*", "");
    }
}
