package dev.belfry.lab;

/// The input cannot be used: one clear message that names the place, and what would be right.
public final class InputError extends Exception {

    private static final long serialVersionUID = 1L;

    private final String fix;

    /// @param message what is wrong and where
    /// @param fix what would be right; empty when the message says it all
    public InputError(String message, String fix) {
        super(message);
        this.fix = fix;
    }

    /// The message; never null, unlike [Exception#getMessage].
    public String text() {
        String message = getMessage();
        return message == null ? "" : message;
    }

    /// What would be right; empty when the message says it all.
    public String fix() {
        return fix;
    }
}
