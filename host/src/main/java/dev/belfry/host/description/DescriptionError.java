package dev.belfry.host.description;

/// A description of a host that cannot be used: the user's file, not our bug.
public final class DescriptionError extends RuntimeException {

    private static final long serialVersionUID = 1;

    private final String file;
    private final int line;
    private final String hint;

    /// One line, whatever keys and values of the file it repeats.
    ///
    /// @param file the file's name as the user gave it
    /// @param line line number from 1; 0 when the file as a whole is meant
    /// @param message what is wrong
    /// @param hint what would be right
    public DescriptionError(String file, int line, String message, String hint) {
        super(
                (line > 0 ? file + ":" + line : file)
                        + ": "
                        + message.replaceAll("\\p{Cntrl}+", " ")
                        + " ("
                        + hint
                        + ")");
        this.file = file;
        this.line = line;
        this.hint = hint;
    }

    public String file() {
        return file;
    }

    /// Line number from 1; 0 when the file as a whole is meant.
    public int line() {
        return line;
    }

    /// What would be right.
    public String hint() {
        return hint;
    }
}
