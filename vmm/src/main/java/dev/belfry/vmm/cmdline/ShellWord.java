package dev.belfry.vmm.cmdline;

/// A word of a script.
///
/// @param token the word itself
/// @param startsLine whether it is the first one behind a line end that was not continued
/// @param operator whether it ends a command: `;`, `&`, `|`, `&&`, `||`
record ShellWord(Token token, boolean startsLine, boolean operator) {

    String text() {
        return token.text();
    }

    boolean isOption() {
        return !operator && token.text().startsWith("-");
    }
}
