package dev.belfry.vmm.rule.host;

import dev.belfry.model.smmu.SmmuIdentity;
import dev.belfry.model.smmu.spec.SmmuRegister.Idr0;
import dev.belfry.vmm.version.QemuVersion;
import java.util.Optional;

/// A host without ATS.
final class HostAts extends Comparison {

    HostAts() {
        super("ATS", "a host without ATS", "ats");
    }

    @Override
    Optional<String> shortage(SmmuIdentity guest, SmmuIdentity host) {
        return Idr0.ATS.get(host.idr0()) < Idr0.ATS.get(guest.idr0())
                ? Optional.of("Host SMMUv3 doesn't support Address Translation Services")
                : Optional.empty();
    }

    @Override
    String fitting(SmmuIdentity host) {
        return "off";
    }

    @Override
    boolean isMadeBy(QemuVersion qemu) {
        return qemu.isAtLeast(QemuVersion.V11_1);
    }
}
