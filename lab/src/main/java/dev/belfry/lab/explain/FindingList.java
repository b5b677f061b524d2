package dev.belfry.lab.explain;

import dev.belfry.lab.explain.ExplainReport.Finding;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Findings as they come, each once.
final class FindingList {

    private final Set<Finding> findings = new LinkedHashSet<>();

    /// Adds one about a device.
    void add(String rule, String severity, String device, String message, String why) {
        findings.add(new Finding(rule, severity, Optional.of(device), message, why));
    }

    /// Adds one about the machine.
    void add(String rule, String severity, String message, String why) {
        findings.add(new Finding(rule, severity, Optional.empty(), message, why));
    }

    List<Finding> list() {
        return new ArrayList<>(findings);
    }
}
