package dev.belfry.cli.text;

/// How wide a text is on a terminal.
final class Columns {

    private Columns() {}

    /// A text that a terminal shows as it is: control characters, escape sequences among them, are
    /// shown as `·`, tabs as one space.
    static String plain(String text) {
        StringBuilder out = new StringBuilder(text.length());
        text.codePoints()
                .forEach(c -> out.appendCodePoint(c == '\t' ? ' ' : isControl(c) ? '·' : c));
        return out.toString();
    }

    /// How many columns [#plain] of a text takes.
    static int width(String text) {
        return text.codePoints().map(Columns::width).sum();
    }

    private static int width(int c) {
        return switch (Character.getType(c)) {
            case Character.NON_SPACING_MARK, Character.ENCLOSING_MARK -> 0;
            default -> isControl(c) ? 1 : isWide(c) ? 2 : 1;
        };
    }

    /// Characters that move the cursor, or turn the direction of writing.
    private static boolean isControl(int c) {
        return Character.isISOControl(c) || Character.getType(c) == Character.FORMAT;
    }

    /// East Asian wide and fullwidth characters, and emoji (Unicode, UAX 11).
    private static boolean isWide(int c) {
        return (c >= 0x1100 && c <= 0x115f)
                || (c >= 0x2e80 && c <= 0xa4cf && c != 0x303f)
                || (c >= 0xac00 && c <= 0xd7a3)
                || (c >= 0xf900 && c <= 0xfaff)
                || (c >= 0xfe30 && c <= 0xfe6f)
                || (c >= 0xff00 && c <= 0xff60)
                || (c >= 0xffe0 && c <= 0xffe6)
                || (c >= 0x1f300 && c <= 0x1faff)
                || (c >= 0x20000 && c <= 0x3fffd);
    }
}
