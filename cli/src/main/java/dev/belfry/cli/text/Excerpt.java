package dev.belfry.cli.text;

import dev.belfry.lab.check.Finding;

/// The piece of a line that a finding is about, with carets under it.
///
/// @param text a window of the line
/// @param carets as many columns in, `^^^`
record Excerpt(String text, String carets) {

    private static final int WIDTH = 96;
    private static final int BEFORE = 30;

    static Excerpt of(String[] lines, Finding at) {
        if (at.line() < 1 || at.line() > lines.length) {
            return new Excerpt("", "");
        }
        String line = lines[at.line() - 1];
        int column = Math.clamp(at.column() - 1, 0, line.length());
        int length = Math.max(1, length(line, column, at.text()));
        int start = column + length <= WIDTH ? 0 : Math.max(0, column - BEFORE);
        int end = Math.min(line.length(), start + WIDTH);
        String head = start > 0 ? "…" : "";
        String tail = end < line.length() ? "…" : "";
        int shown = Math.max(1, Math.min(length, end - column));
        return new Excerpt(
                head + line.substring(start, end).replace('\t', ' ') + tail,
                " ".repeat(column - start + head.length()) + "^".repeat(shown));
    }

    /// An option is underlined as far as it goes on the line, a pair up to its end.
    private static int length(String line, int column, String text) {
        int same = 0;
        while (same < text.length()
                && column + same < line.length()
                && text.charAt(same) == line.charAt(column + same)) {
            same++;
        }
        if (same > 1 && line.charAt(column) != '<') {
            return same;
        }
        int end = column;
        while (end < line.length() && ", \t".indexOf(line.charAt(end)) < 0) {
            end++;
        }
        return end - column;
    }
}
