package dev.belfry.cli.text;

import dev.belfry.lab.check.Finding;

/// The piece of a line that a finding is about, with carets under it.
///
/// @param text a window of the line, without what would move the cursor
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
        // A character of two halves is shown whole or not at all.
        start += start > 0 && Character.isLowSurrogate(line.charAt(start)) ? 1 : 0;
        end -= end < line.length() && Character.isLowSurrogate(line.charAt(end)) ? 1 : 0;
        String head = start > 0 ? "…" : "";
        String tail = end < line.length() ? "…" : "";
        String under = line.substring(column, Math.min(end, column + length));
        return new Excerpt(
                head + Columns.plain(line.substring(start, end)) + tail,
                " ".repeat(head.length() + Columns.width(line.substring(start, column)))
                        + "^".repeat(Math.max(1, Columns.width(under))));
    }

    /// An option is underlined as far as it goes on the line, a pair up to its end.
    private static int length(String line, int column, String text) {
        int same = 0;
        while (same < text.length()
                && column + same < line.length()
                && text.charAt(same) == line.charAt(column + same)) {
            same++;
        }
        boolean all = same > 0 && same == text.length();
        if ((same > 1 || all) && line.charAt(column) != '<') {
            return same;
        }
        int end = column;
        while (end < line.length() && ", \t".indexOf(line.charAt(end)) < 0) {
            end++;
        }
        return end - column;
    }
}
