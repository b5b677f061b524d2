package dev.belfry.vmm.rule.host;

import dev.belfry.model.smmu.SmmuIdentity;
import dev.belfry.vmm.version.QemuVersion;
import java.util.List;
import java.util.Optional;

/// What QEMU compares whenever a device comes behind an accelerated SMMU: the registers of the
/// host's SMMU with what the guest was told, which no later device changes
/// (`smmuv3_accel_check_hw_compatible`).
public final class HostCompatibility {

    /// In QEMU's order.
    static final List<Comparison> COMPARISONS =
            List.of(
                    new HostStlevel(),
                    new HostTtendian(),
                    new HostTtf(),
                    new HostSidsize(),
                    new HostSsidsize(),
                    new HostRil(),
                    new HostOas(),
                    new HostAts(),
                    new HostGran4K(),
                    new HostGran16K(),
                    new HostGran64K());

    private HostCompatibility() {}

    /// A host that falls short.
    ///
    /// @param rule of the comparison: `HOST-OAS`
    /// @param message in QEMU's words
    public record Shortage(String rule, String message) {}

    /// The first comparison that fails.
    ///
    /// @param guest what the guest was told
    /// @param host registers of the physical SMMU that the device is behind
    public static Optional<Shortage> first(
            SmmuIdentity guest, SmmuIdentity host, QemuVersion release) {
        for (Comparison c : COMPARISONS) {
            Optional<String> message =
                    c.isMadeBy(release) ? c.shortage(guest, host) : Optional.empty();
            if (message.isPresent()) {
                return message.map(m -> new Shortage(c.about().id(), m));
            }
        }
        return Optional.empty();
    }
}
