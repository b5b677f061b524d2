package dev.belfry.vmm.cmdline;

import java.util.Arrays;

/// A word that is being read, character by character, each with its place.
final class WordBuilder {

    private final StringBuilder text = new StringBuilder();
    private int[] lines = new int[32];
    private int[] columns = new int[32];
    private boolean started;

    /// The word begins, be it an empty one in quotes.
    void start() {
        started = true;
    }

    boolean started() {
        return started;
    }

    void take(char c, int line, int column) {
        started = true;
        place(line, column);
        text.append(c);
    }

    private void place(int line, int column) {
        int at = text.length();
        if (at == lines.length) {
            lines = Arrays.copyOf(lines, 2 * at);
            columns = Arrays.copyOf(columns, 2 * at);
        }
        lines[at] = line;
        columns[at] = column;
    }

    /// What was taken so far, if it is short.
    String prefix(int most) {
        return text.length() > most ? "" : text.toString();
    }

    /// The word, which ends here; the next one begins.
    Token end(int line, int column) {
        place(line, column);
        int length = text.length();
        Token token =
                new Token(
                        text.toString(),
                        Arrays.copyOf(lines, length + 1),
                        Arrays.copyOf(columns, length + 1));
        text.setLength(0);
        started = false;
        return token;
    }
}
