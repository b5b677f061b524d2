package dev.belfry.qemu.capture;

import java.nio.charset.StandardCharsets;

/// Text from strangers.
final class Text {

    private static final int BRIEF = 60;

    private Text() {}

    /// `bytes` as UTF-8; what is not UTF-8 becomes the replacement character.
    static String of(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    /// `text` without control characters, which a terminal would obey.
    static String clean(String text) {
        return text.replaceAll("\\p{Cntrl}", "?");
    }

    /// `line` fit for a message: short, and without control characters.
    static String brief(String line) {
        String clean = clean(line);
        return clean.length() <= BRIEF ? clean : clean.substring(0, BRIEF) + "...";
    }
}
