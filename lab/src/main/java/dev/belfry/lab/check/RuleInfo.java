package dev.belfry.lab.check;

import dev.belfry.lab.InputError;
import dev.belfry.vmm.check.RuleBook;
import dev.belfry.vmm.cmdline.Nearest;
import dev.belfry.vmm.rule.About;
import java.util.List;
import java.util.Optional;

/// What there is to say of a rule.
///
/// @param id stable
/// @param level of its findings, unless one is taken more or less seriously
/// @param when QEMU meets it
/// @param title what is wrong, in a few words
/// @param why the reason, or empty
/// @param source where it is written
public record RuleInfo(String id, Level level, When when, String title, String why, String source) {

    /// All rules.
    public static List<RuleInfo> all() {
        return RuleBook.all().stream().map(RuleInfo::of).toList();
    }

    /// A rule by its id.
    public static Optional<RuleInfo> find(String id) {
        return RuleBook.find(id).map(RuleInfo::of);
    }

    /// A rule that somebody asks for.
    ///
    /// @throws InputError when there is none
    public static RuleInfo named(String id) throws InputError {
        return find(id).orElseThrow(() ->
                new InputError(
                        "--explain " + id + ": no such rule",
                        Nearest.hint(id, RuleBook.all().stream().map(About::id).toList(), "")));
    }

    private static RuleInfo of(About a) {
        return new RuleInfo(
                a.id(), Level.of(a.severity()), When.of(a.phase()), a.title(), a.why(), a.source());
    }
}
