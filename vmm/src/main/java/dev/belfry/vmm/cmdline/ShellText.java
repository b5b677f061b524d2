package dev.belfry.vmm.cmdline;

import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// Words as somebody would type them into a shell.
public final class ShellText {

    private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9_@%+=:,./-]+");

    private ShellText() {}

    /// The words as one line.
    public static String line(List<String> words) {
        return words.stream().map(ShellText::quote).collect(Collectors.joining(" "));
    }

    /// The word, in single quotes where a shell would take it apart otherwise.
    public static String quote(String word) {
        return PLAIN.matcher(word).matches() ? word : "'" + word.replace("'", "'\\''") + "'";
    }
}
