package dev.belfry.qemu.script;

import dev.belfry.model.smmu.SmmuIdentity;
import java.util.List;

/// What a QEMU showed for a number of scripts.
///
/// @param version QEMU's
/// @param identity its ID registers
/// @param machine what the scripts ran on
/// @param cases the scripts and their outcomes, in order
public record Recording(
        String version, SmmuIdentity identity, ScriptMachine machine, List<Case> cases) {

    /// A script and what it showed.
    public record Case(SmmuScript script, ScriptOutcome outcome) {}

    public Recording {
        cases = List.copyOf(cases);
    }
}
