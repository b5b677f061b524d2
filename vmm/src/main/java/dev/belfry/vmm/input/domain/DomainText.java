package dev.belfry.vmm.input.domain;

import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Where a domain begins in a text. What tools say before it is no part of it: `virsh` warns on the
/// same stream, and people copy its prompt.
public final class DomainText {

    private static final String ELEMENTS =
            "(?:domain|domstatus|domainsnapshot|domainbackup|savedimage)[\\s>]";
    private static final Pattern BEGIN =
            Pattern.compile("^[ \\t]*+(?=<(?:\\?xml\\s|!--|" + ELEMENTS + "))", Pattern.MULTILINE);
    private static final Pattern ANOTHER = Pattern.compile("<" + ELEMENTS);
    private static final Pattern SHELL =
            Pattern.compile("<<|^#!|^\\S{0,4096}qemu-system-", Pattern.MULTILINE);

    private DomainText() {}

    /// Where the XML begins; nowhere when the text is something else, a script with a domain in a
    /// here-document included.
    public static OptionalInt start(String text) {
        int blank = text.length() - text.stripLeading().length();
        if (text.startsWith("<", blank)) {
            return OptionalInt.of(blank);
        }
        Matcher m = BEGIN.matcher(text);
        return m.find() && !SHELL.matcher(text).region(0, m.end()).find()
                ? OptionalInt.of(m.end())
                : OptionalInt.empty();
    }

    /// Where another one begins behind an offset.
    static OptionalInt another(String text, int from) {
        Matcher m = ANOTHER.matcher(text);
        return m.find(from) ? OptionalInt.of(m.start()) : OptionalInt.empty();
    }
}
