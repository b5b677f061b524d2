package dev.belfry.vmm.rule.host;

import dev.belfry.model.smmu.SmmuIdentity;
import dev.belfry.model.smmu.spec.SmmuRegister.Idr0;
import java.util.Optional;

/// A host that does not walk little-endian tables.
final class HostTtendian extends Comparison {

    HostTtendian() {
        super("TTENDIAN", "a host that does not walk little-endian tables", "");
    }

    @Override
    Optional<String> shortage(SmmuIdentity guest, SmmuIdentity host) {
        return Idr0.TTENDIAN.get(host.idr0()) > Idr0.TTENDIAN.get(guest.idr0())
                ? Optional.of("Host SMMUv3 doesn't support Little-endian translation table")
                : Optional.empty();
    }
}
