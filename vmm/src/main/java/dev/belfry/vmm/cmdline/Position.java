package dev.belfry.vmm.cmdline;

/// A place in a command line.
///
/// @param line 1-based
/// @param column 1-based, in characters
/// @param text the option that stands there, as it was written after quoting was undone
public record Position(int line, int column, String text) {

    private static final int SHOWN = 60;

    /// The same place, named by another text.
    public Position named(String other) {
        return new Position(line, column, other);
    }

    /// The option's text, cut to what fits in a message.
    public String shortText() {
        return text.length() <= SHOWN ? text : text.substring(0, SHOWN - 1) + "…";
    }

    /// `line 7, column 12`.
    @Override
    public String toString() {
        return "line " + line + ", column " + column;
    }
}
