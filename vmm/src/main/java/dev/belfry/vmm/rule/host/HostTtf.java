package dev.belfry.vmm.rule.host;

import dev.belfry.model.smmu.SmmuIdentity;
import dev.belfry.model.smmu.spec.SmmuRegister.Idr0;
import java.util.Optional;

/// A host that does not walk AArch64 tables.
final class HostTtf extends Comparison {

    HostTtf() {
        super("TTF", "a host that does not walk AArch64 tables", "");
    }

    @Override
    Optional<String> shortage(SmmuIdentity guest, SmmuIdentity host) {
        return Idr0.TTF.get(host.idr0()) < Idr0.TTF.get(guest.idr0())
                ? Optional.of("Host SMMUv3 doesn't support AArch64 translation table format")
                : Optional.empty();
    }
}
