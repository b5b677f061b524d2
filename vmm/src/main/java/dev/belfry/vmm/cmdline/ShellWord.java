package dev.belfry.vmm.cmdline;

/// A word of a script.
///
/// @param token the word itself
/// @param before what parts it from the word before
/// @param operator whether it ends a command: `;`, `&`, `|`, `&&`, `||`
record ShellWord(Token token, Break before, boolean operator) {

    /// What parts two words.
    enum Break {
        /// They stand on one line.
        NONE,
        /// A line end behind a backslash.
        CONTINUED,
        /// A line end.
        LINE,
        /// A comment, and a line end.
        COMMENT,
        /// A continued line that is a comment.
        COMMENT_LINE
    }

    String text() {
        return token.text();
    }

    boolean isOption() {
        return !operator && token.text().startsWith("-");
    }

    /// Whether a shell would begin another command here.
    boolean startsLine() {
        return before != Break.NONE && before != Break.CONTINUED;
    }
}
