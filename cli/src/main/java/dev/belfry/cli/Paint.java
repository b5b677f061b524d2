package dev.belfry.cli;

/// Colours, or none.
///
/// @param on whether escape sequences are written
public record Paint(boolean on) {

    /// Good news.
    public String good(String text) {
        return wrap("32", text);
    }

    /// Bad news.
    public String bad(String text) {
        return wrap("31;1", text);
    }

    /// What can be skipped.
    public String dim(String text) {
        return wrap("2", text);
    }

    /// A heading.
    public String bold(String text) {
        return wrap("1", text);
    }

    private String wrap(String code, String text) {
        return on ? "\033[" + code + "m" + text + "\033[0m" : text;
    }
}
