package dev.belfry.vmm.rule.guest;

import dev.belfry.vmm.cmdline.Edit;
import dev.belfry.vmm.cmdline.Position;
import dev.belfry.vmm.cmdline.ShellText;
import dev.belfry.vmm.rule.Place;
import dev.belfry.vmm.rule.Subject;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// The words of the guest kernel's command line.
final class KernelWords {

    private KernelWords() {}

    /// The values of a parameter, those of one word split at commas.
    static List<String> values(Subject s, String name) {
        return words(s).filter(w -> w.startsWith(name + "="))
                .flatMap(w -> Stream.of(w.substring(name.length() + 1).split(",")))
                .toList();
    }

    /// Whether a parameter is on: `name`, `name=1`, `name=y`.
    static boolean on(Subject s, String name) {
        return words(s).anyMatch(name::equals)
                || values(s, name).stream()
                        .reduce((first, second) -> second)
                        .filter(v ->
                                v.equals("1") || v.equals("y") || v.equals("on") || v.equals("Y"))
                        .isPresent();
    }

    /// Where the command line stands.
    static Place place(Subject s) {
        return Place.after(s.optionAt("append"));
    }

    /// The command line without what `unwanted` says.
    static Edit[] without(Subject s, Predicate<String> unwanted) {
        if (!s.commandLine().has("append")) {
            return new Edit[0];
        }
        Position at = s.optionAt("append");
        String rest = words(s).filter(unwanted.negate()).collect(Collectors.joining(" "));
        return new Edit[] {new Edit.Replace(at, "-append " + ShellText.quote(rest))};
    }

    private static Stream<String> words(Subject s) {
        return Stream.of(s.machine().boot().append().trim().split("\\s+"));
    }
}
