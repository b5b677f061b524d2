package dev.belfry.lab.check;

import dev.belfry.vmm.cmdline.Edit;
import dev.belfry.vmm.machine.Problem;
import java.util.List;

/// One thing that a check found.
///
/// @param rule its stable id
/// @param level how bad it is
/// @param when QEMU meets it
/// @param line 1-based
/// @param column 1-based, in characters
/// @param text the option, or element, that stands there
/// @param message what is the case
/// @param why the reason, or empty
/// @param source where that is written, or empty
/// @param fix what would be right, as text to paste; or empty
/// @param edits the same as mechanical changes; none where a person must choose
public record Finding(
        String rule,
        Level level,
        When when,
        int line,
        int column,
        String text,
        String message,
        String why,
        String source,
        String fix,
        List<Edit> edits) {

    public Finding {
        edits = List.copyOf(edits);
    }

    static Finding of(Problem p) {
        return new Finding(
                p.rule(),
                Level.of(p.severity()),
                When.of(p.phase()),
                p.at().line(),
                p.at().column(),
                p.at().text(),
                p.message(),
                p.why(),
                p.source(),
                p.fix(),
                p.edits());
    }

    /// Whether it can be put right mechanically.
    public boolean fixable() {
        return !edits.isEmpty();
    }
}
