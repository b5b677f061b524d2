package dev.belfry.vmm.rule;

import dev.belfry.vmm.machine.Phase;
import dev.belfry.vmm.machine.Severity;

/// What a rule says of itself.
///
/// @param id stable, such as `SMMU-ACCEL-KVM`
/// @param severity of its findings, unless one says otherwise
/// @param phase when QEMU meets it
/// @param title what is wrong, in a few words
/// @param why the reason behind it
/// @param source where it is written
public record About(
        String id, Severity severity, Phase phase, String title, String why, String source) {

    /// QEMU or the host refuses it.
    public static About error(String id, Phase phase, String title) {
        return new About(id, Severity.ERROR, phase, title, "", "");
    }

    /// It starts, and something is lost.
    public static About lost(String id, String title) {
        return new About(id, Severity.LOST, Phase.GUEST, title, "", "");
    }

    /// It works, though probably not as meant.
    public static About warning(String id, Phase phase, String title) {
        return new About(id, Severity.WARNING, phase, title, "", "");
    }

    /// Worth knowing.
    public static About note(String id, Phase phase, String title) {
        return new About(id, Severity.NOTE, phase, title, "", "");
    }

    /// The same with its reason and where it is written.
    public About because(String reason, String writtenIn) {
        return new About(id, severity, phase, title, reason, writtenIn);
    }
}
