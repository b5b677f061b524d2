package dev.belfry.lab.check;

import dev.belfry.lab.run.DryRun;
import java.util.List;
import java.util.Optional;

/// What a check found.
///
/// @param name the file, or `command line`
/// @param text what was read
/// @param findings in the order in which QEMU would meet them
/// @param readable whether a machine could be made of it; else the findings say why not
/// @param run the machine's run on the model; none when it is refused before
public record CheckReport(
        String name, String text, List<Finding> findings, boolean readable, Optional<DryRun> run) {

    public CheckReport {
        findings = List.copyOf(findings);
    }

    /// What comes of it.
    public Verdict verdict() {
        return Verdict.of(findings);
    }
}
