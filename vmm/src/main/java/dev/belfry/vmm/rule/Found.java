package dev.belfry.vmm.rule;

import dev.belfry.vmm.cmdline.Edit;
import dev.belfry.vmm.machine.Problem;
import dev.belfry.vmm.machine.Problems;
import dev.belfry.vmm.machine.Severity;

/// Takes what one rule finds.
public final class Found {

    private final About about;
    private final Problems problems;

    /// @param about the rule
    /// @param problems where it goes
    public Found(About about, Problems problems) {
        this.about = about;
        this.problems = problems;
    }

    /// The rule does not hold here.
    ///
    /// @param message what is the case, one sentence
    /// @param fix what would be right, as text to paste; or empty
    /// @param edits the same as mechanical changes, where nobody has to choose
    public void add(Place place, String message, String fix, Edit... edits) {
        addAs(about.severity(), place, message, fix, edits);
    }

    /// The same with another severity than the rule's own.
    public void addAs(Severity severity, Place place, String message, String fix, Edit... edits) {
        problems.add(
                place.order(),
                Problem.of(severity, about.id(), about.phase(), place.at(), message)
                        .because(about.why(), about.source())
                        .fix(fix)
                        .repair(edits));
    }
}
