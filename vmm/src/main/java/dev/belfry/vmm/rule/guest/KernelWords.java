package dev.belfry.vmm.rule.guest;

import dev.belfry.vmm.cmdline.Edit;
import dev.belfry.vmm.cmdline.ShellText;
import dev.belfry.vmm.rule.Found;
import dev.belfry.vmm.rule.Place;
import dev.belfry.vmm.rule.Subject;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// The words of the guest kernel's command line.
///
/// Names compare as `parameq` of Linux compares them: `-` is `_`.
final class KernelWords {

    private KernelWords() {}

    /// The values of a parameter, those of one word split at commas.
    static List<String> values(Subject s, String name) {
        return words(s).filter(w -> isNamed(w, name) && w.contains("="))
                .flatMap(w -> Stream.of(w.substring(w.indexOf('=') + 1).split(",")))
                .toList();
    }

    /// Whether a boolean is on, as `kstrtobool` reads it: the last word of that name counts.
    ///
    /// @param bare whether the name alone says so
    static boolean on(Subject s, String name, boolean bare) {
        return words(s).filter(w -> isNamed(w, name) && (bare || w.contains("=")))
                .reduce((first, second) -> second)
                .filter(w -> !w.contains("=") || isTrue(w.substring(w.indexOf('=') + 1)))
                .isPresent();
    }

    private static boolean isTrue(String value) {
        String lower = value.toLowerCase(Locale.ROOT);
        return lower.startsWith("on") || (!lower.isEmpty() && "yt1".indexOf(lower.charAt(0)) >= 0);
    }

    /// Whether a word is of that name: `name`, or `name=…`.
    static boolean isNamed(String word, String name) {
        String own = word.contains("=") ? word.substring(0, word.indexOf('=')) : word;
        return own.replace('-', '_').equals(name.replace('-', '_'));
    }

    /// The words.
    static Stream<String> words(Subject s) {
        return Stream.of(s.machine().boot().append().trim().split("\\s+"));
    }

    /// Tells of words that should not be there.
    ///
    /// @param unwanted what must go, in words as they are typed
    static void tell(Subject s, Found found, String message, String unwanted) {
        int equals = unwanted.indexOf('=');
        String name = equals < 0 ? unwanted : unwanted.substring(0, equals);
        String value = equals < 0 ? "" : unwanted.substring(equals + 1);
        String rest =
                words(s).map(w -> isNamed(w, name) ? left(w, value) : w)
                        .filter(Predicate.not(String::isEmpty))
                        .collect(Collectors.joining(" "));
        String written = "-append " + ShellText.quote(rest);
        boolean typed = s.commandLine().has("append");
        found.add(
                Place.after(s.optionAt("append")),
                message,
                "remove " + unwanted + (typed ? ": write " + written : " from the kernel's words"),
                typed ? new Edit[] {new Edit.Replace(s.optionAt("append"), written)} : new Edit[0]);
    }

    /// A word without one of its values; of a word with no other, nothing.
    private static String left(String word, String value) {
        if (value.isEmpty() || !word.contains("=")) {
            return "";
        }
        String others =
                Stream.of(word.substring(word.indexOf('=') + 1).split(","))
                        .filter(v -> !v.equals(value))
                        .collect(Collectors.joining(","));
        return others.isEmpty() ? "" : word.substring(0, word.indexOf('=') + 1) + others;
    }
}
