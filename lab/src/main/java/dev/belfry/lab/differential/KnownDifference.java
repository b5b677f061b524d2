package dev.belfry.lab.differential;

import dev.belfry.vmm.version.QemuVersion;
import java.util.Optional;

/// One entry of the file of known differences.
///
/// @param id its name
/// @param section where the architecture says otherwise, or leaves it open
/// @param right `architecture`, or `both` where the architecture leaves it open
/// @param from the first QEMU that does it; empty for any
/// @param to the last one; empty for any
/// @param says what that QEMU does and what the architecture says
public record KnownDifference(
        String id,
        String section,
        String right,
        Optional<QemuVersion> from,
        Optional<QemuVersion> to,
        String says) {

    /// Whether a QEMU of that version does it.
    public boolean covers(QemuVersion version) {
        return from.map(f -> f.compareTo(version) <= 0).orElse(true)
                && to.map(t -> t.compareTo(version) >= 0).orElse(true);
    }
}
