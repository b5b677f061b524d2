package dev.belfry.vmm.cmdline;

/// A shell text that is being read, character by character, with the place reached.
final class ShellSource {

    private final String text;
    private int next;
    private int line = 1;
    private int column = 1;

    ShellSource(String text) {
        this.text = text;
    }

    boolean ended() {
        return next == text.length();
    }

    /// The character that is read next.
    char peek() {
        return text.charAt(next);
    }

    /// Whether that comes next.
    boolean sees(String what) {
        return text.startsWith(what, next);
    }

    /// All of the text.
    String text() {
        return text;
    }

    /// How many characters were read.
    int offset() {
        return next;
    }

    int line() {
        return line;
    }

    int column() {
        return column;
    }

    /// The place reached.
    Position at(String named) {
        return new Position(line, column, named);
    }

    /// Goes on behind one character.
    ///
    /// @return the character
    char advance() {
        char c = text.charAt(next++);
        if (c == '\n') {
            line++;
            column = 1;
        } else {
            column++;
        }
        return c;
    }

    /// Goes on behind some characters, or to the end.
    void advance(int characters) {
        for (int i = 0; i < characters && !ended(); i++) {
            advance();
        }
    }

    /// How many spaces and tabs stand `from` so many characters on.
    int blanks(int from) {
        int i = next + from;
        while (i < text.length() && (text.charAt(i) == ' ' || text.charAt(i) == '\t')) {
            i++;
        }
        return i - next - from;
    }

    /// Whether the line ends so many characters on.
    boolean lineEnds(int from) {
        return next + from < text.length() && text.charAt(next + from) == '\n';
    }

    /// Skips the rest of the line, without its end.
    void skipLine() {
        while (!ended() && peek() != '\n') {
            advance();
        }
    }
}
