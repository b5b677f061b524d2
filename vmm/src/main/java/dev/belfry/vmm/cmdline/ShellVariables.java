package dev.belfry.vmm.cmdline;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The variables that a script assigns, as far as it was read.
final class ShellVariables {

    private static final Pattern ASSIGNMENT =
            Pattern.compile("([A-Za-z_][A-Za-z0-9_]*)(\\+?)=(.*)", Pattern.DOTALL);

    /// Characters and words that assignments may copy; beyond it they are not looked at.
    private static final long MOST = 16L << 20;

    private final Map<String, List<String>> values = new HashMap<>();
    private long copied;

    /// A variable's value, of an array the first.
    Optional<String> value(String name) {
        return all(name).map(v -> v.isEmpty() ? "" : v.getFirst());
    }

    /// An array's values.
    Optional<List<String>> all(String name) {
        return Optional.ofNullable(values.get(name));
    }

    /// Takes `NAME=value` or `NAME+=value`.
    ///
    /// @return whether the word is one
    boolean assign(String word) {
        Matcher m = ASSIGNMENT.matcher(word);
        if (!m.matches()) {
            return false;
        }
        String earlier = m.group(2).isEmpty() ? "" : value(m.group(1)).orElse("");
        copied += earlier.length() + m.group(3).length();
        if (copied < MOST) {
            values.put(m.group(1), List.of(earlier + m.group(3)));
        }
        return true;
    }

    /// The name in `NAME=` or `NAME+=`, which stand in front of an array's parenthesis.
    static Optional<String> arrayName(String prefix) {
        Matcher m = ASSIGNMENT.matcher(prefix);
        return m.matches() && m.group(3).isEmpty()
                ? Optional.of(m.group(1) + m.group(2))
                : Optional.empty();
    }

    /// Takes an array.
    ///
    /// @param name with a `+` behind it when it is lengthened
    void assign(String name, List<String> words) {
        boolean more = name.endsWith("+");
        String key = more ? name.substring(0, name.length() - 1) : name;
        copied += words.size();
        if (copied >= MOST) {
            return;
        }
        // A list that a single value made cannot grow; one that an array made can.
        List<String> all = more ? values.get(key) : null;
        if (all instanceof ArrayList<String> growing) {
            growing.addAll(words);
            return;
        }
        List<String> made = all == null ? new ArrayList<>() : new ArrayList<>(all);
        made.addAll(words);
        values.put(key, made);
    }
}
