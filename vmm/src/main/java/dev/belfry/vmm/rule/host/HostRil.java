package dev.belfry.vmm.rule.host;

import dev.belfry.model.smmu.SmmuIdentity;
import dev.belfry.model.smmu.spec.SmmuRegister.Idr3;
import java.util.Optional;

/// A host without range invalidation.
final class HostRil extends Comparison {

    HostRil() {
        super("RIL", "a host without range invalidation", "ril");
    }

    @Override
    Optional<String> shortage(SmmuIdentity guest, SmmuIdentity host) {
        return Idr3.RIL.get(host.idr3()) < Idr3.RIL.get(guest.idr3())
                ? Optional.of("Host SMMUv3 doesn't support Range Invalidation")
                : Optional.empty();
    }

    @Override
    String fitting(SmmuIdentity host) {
        return "off";
    }
}
