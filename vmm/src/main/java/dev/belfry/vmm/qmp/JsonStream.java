package dev.belfry.vmm.qmp;

import java.util.Optional;

/// Cuts a stream of bytes into JSON objects, as QMP sends them: one after the other, with or
/// without line ends between.
public final class JsonStream {

    private static final int LONGEST = 1 << 24;

    private final StringBuilder text = new StringBuilder();
    private int depth;
    private boolean quoted;
    private char quote;
    private boolean escaped;

    /// Takes the next character.
    ///
    /// @return a whole object, or what stands in the place of one: a text that the parser refuses
    public Optional<String> next(char c) {
        if (text.isEmpty() && (Character.isWhitespace(c) || c == 0xff)) {
            return Optional.empty();
        }
        text.append(c);
        if (quoted) {
            quoted = escaped || c != quote;
            escaped = !escaped && c == '\\';
        } else if (c == '"' || c == '\'') {
            // QEMU takes strings in single quotes as well.
            quoted = true;
            quote = c;
        } else if (c == '{' || c == '[') {
            depth++;
        } else if (c == '}' || c == ']') {
            depth--;
        }
        boolean whole = depth <= 0 && (c == '}' || c == ']' || c == '\n') && !quoted;
        // A line end inside a string is never JSON: start afresh.
        boolean broken = (quoted && c == '\n') || text.length() >= LONGEST;
        return whole || broken ? Optional.of(take()) : Optional.empty();
    }

    private String take() {
        String out = text.toString();
        text.setLength(0);
        depth = 0;
        quoted = false;
        escaped = false;
        return out;
    }
}
