package dev.belfry.vmm.cmdline;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/// Reads `key=value,key=value`.
///
/// `,,` inside a value is a comma. The first part may leave out its key when the option implies
/// one. What a part without `=` means depends on the [Syntax].
final class KeyValue {

    /// The `max` CPU has some 150, no device more.
    private static final int MOST = 256;

    private final Token token;
    private final String text;
    private final OptionSpec spec;
    private final Position option;
    private final Consumer<CommandLineError> errors;
    private final List<Param> params = new ArrayList<>();
    private int next;

    private KeyValue(
            Token token, OptionSpec spec, Position option, Consumer<CommandLineError> errors) {
        this.errors = errors;
        this.token = token;
        this.text = token.text();
        this.spec = spec;
        this.option = option;
    }

    /// @param errors told what cannot be read; the rest is
    static Params read(
            Token token, OptionSpec spec, Position option, Consumer<CommandLineError> errors) {
        KeyValue reader = new KeyValue(token, spec, option, errors);
        reader.run();
        return new Params(reader.params);
    }

    private void run() {
        while (next < text.length()) {
            int start = next;
            int end = keyEnd(start);
            if (end < text.length() && text.charAt(end) == '=') {
                next = end + 1;
                add(text.substring(start, end), value(), start);
            } else if (start == 0 && !spec.impliedKey().isEmpty()) {
                add(spec.impliedKey(), value(), start);
            } else {
                next = Math.min(end + 1, text.length());
                bare(text.substring(start, end), start);
            }
        }
    }

    private int keyEnd(int start) {
        int i = start;
        while (i < text.length() && text.charAt(i) != '=' && text.charAt(i) != ',') {
            i++;
        }
        return i;
    }

    /// Takes up to the next single comma.
    private String value() {
        StringBuilder value = new StringBuilder();
        while (next < text.length()) {
            char c = text.charAt(next++);
            if (c == ',') {
                if (next == text.length() || text.charAt(next) != ',') {
                    break;
                }
                next++;
            }
            value.append(c);
        }
        return value.toString();
    }

    private void bare(String key, int start) {
        if (!spec.syntax().allowsBareKeys()) {
            Position at = token.at(start, option.text());
            errors.accept(
                    new CommandLineError(
                            "OPTION-VALUE-MISSING",
                            at,
                            "Expected '=' after parameter '" + key + "'",
                            key.isEmpty() ? "remove the comma" : "write " + key + "=…"));
            return;
        }
        if (key.startsWith("no")) {
            add(key.substring(2), "off", start);
        } else if (!key.isEmpty()) {
            add(key, "on", start);
        }
    }

    private void add(String key, String value, int start) {
        if (params.size() == MOST) {
            throw new CommandLineError(
                    "OPTION-KEYS",
                    token.at(start, option.text()),
                    "there are more than " + MOST + " keys in one option",
                    "no device has so many");
        }
        params.add(new Param(key, value, token.at(start, option.text())));
    }
}
