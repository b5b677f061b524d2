package dev.belfry.vmm.machine;

import dev.belfry.vmm.cmdline.CommandLineError;
import dev.belfry.vmm.cmdline.Edit;
import dev.belfry.vmm.cmdline.Position;
import dev.belfry.vmm.cmdline.Remark;
import java.util.List;

/// Something about a command line that somebody should know.
///
/// @param rule a stable identifier such as `SMMU-ACCEL-KVM`
/// @param severity how bad it is
/// @param phase when QEMU meets it
/// @param at the option that it is about
/// @param message what is the case, in one sentence without its place
/// @param why the reason behind the rule, or empty
/// @param source where the rule is written, or empty
/// @param fix what would be right, or empty
/// @param edits the same as changes that can be made mechanically; none where a person must choose
public record Problem(
        String rule,
        Severity severity,
        Phase phase,
        Position at,
        String message,
        String why,
        String source,
        String fix,
        List<Edit> edits) {

    public Problem {
        edits = List.copyOf(edits);
    }

    /// A problem that still lacks its reason and remedy.
    public static Problem of(
            Severity severity, String rule, Phase phase, Position at, String message) {
        return new Problem(rule, severity, phase, at, message, "", "", "", List.of());
    }

    /// QEMU refuses this.
    public static Problem error(String rule, Phase phase, Position at, String message) {
        return of(Severity.ERROR, rule, phase, at, message);
    }

    /// The same with the reason and where it is written.
    public Problem because(String reason, String writtenIn) {
        return new Problem(rule, severity, phase, at, message, reason, writtenIn, fix, edits);
    }

    /// The same with what would be right.
    public Problem fix(String right) {
        return new Problem(rule, severity, phase, at, message, why, source, right, edits);
    }

    /// The same with changes that bring it about.
    public Problem repair(Edit... changes) {
        return new Problem(rule, severity, phase, at, message, why, source, fix, List.of(changes));
    }

    /// The same, taken more or less seriously.
    public Problem as(Severity other) {
        return new Problem(rule, other, phase, at, message, why, source, fix, edits);
    }

    /// What could not be read at all.
    public static Problem of(CommandLineError error) {
        return error(error.rule(), Phase.OPTIONS, error.at(), error.sentence()).fix(error.fix());
    }

    /// What is written in another way than it is read.
    public static Problem of(Remark r) {
        return of(
                        r.refused() ? Severity.ERROR : Severity.WARNING,
                        r.rule(),
                        Phase.OPTIONS,
                        r.at(),
                        r.sentence())
                .fix(r.fix())
                .repair(r.edits().toArray(Edit[]::new));
    }

    /// This problem as the reason not to go on.
    public CommandLineError refusal() {
        return new CommandLineError(rule, at, message, fix);
    }
}
