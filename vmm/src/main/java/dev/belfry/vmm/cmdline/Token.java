package dev.belfry.vmm.cmdline;

import java.util.Arrays;

/// One word of a command line, quoting undone, each character still knowing where it stood.
public final class Token {

    private final String text;
    private final int[] lines;
    private final int[] columns;

    Token(String text, int[] lines, int[] columns) {
        this.text = text;
        this.lines = lines;
        this.columns = columns;
    }

    /// A word that stood in one piece.
    public static Token inOnePiece(String text, int line, int column) {
        int[] lines = new int[text.length() + 1];
        int[] columns = new int[text.length() + 1];
        Arrays.fill(lines, line);
        Arrays.setAll(columns, i -> column + i);
        return new Token(text, lines, columns);
    }

    /// The word.
    public String text() {
        return text;
    }

    /// Where character `index` stood; beyond the end, where the word ended.
    ///
    /// @param named the text that the position shall carry
    public Position at(int index, String named) {
        int i = Math.clamp(index, 0, text.length());
        return new Position(lines[i], columns[i], named);
    }

    @Override
    public String toString() {
        return text;
    }
}
