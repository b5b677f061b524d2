package dev.belfry.vmm.catalog;

import dev.belfry.vmm.version.QemuVersion;
import java.util.Optional;

/// The releases that have something.
///
/// @param since the first that Belfry knows of; empty when all older ones have it
/// @param until the first that has it no more
public record Span(Optional<QemuVersion> since, Optional<QemuVersion> until) {

    /// All releases.
    static final Span ALWAYS = new Span(Optional.empty(), Optional.empty());

    /// Whether a release has it.
    public boolean has(QemuVersion release) {
        return since.map(release::isAtLeast).orElse(true)
                && until.map(u -> !release.isAtLeast(u)).orElse(true);
    }

    /// Of `11.0`, `-11.1` or `11.0-11.1`.
    static Span of(String text) {
        int dash = text.indexOf('-');
        String first = dash < 0 ? text : text.substring(0, dash);
        String end = dash < 0 ? "" : text.substring(dash + 1);
        return new Span(QemuVersion.of(first), QemuVersion.of(end));
    }
}
