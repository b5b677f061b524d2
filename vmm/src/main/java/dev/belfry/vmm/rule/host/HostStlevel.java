package dev.belfry.vmm.rule.host;

import dev.belfry.model.smmu.SmmuIdentity;
import dev.belfry.model.smmu.spec.SmmuRegister.Idr0;
import java.util.Optional;

/// A host with another form of stream tables.
final class HostStlevel extends Comparison {

    HostStlevel() {
        super("STLEVEL", "a host with another form of stream tables", "");
    }

    @Override
    Optional<String> shortage(SmmuIdentity guest, SmmuIdentity host) {
        long has = Idr0.ST_LEVEL.get(host.idr0());
        long wanted = Idr0.ST_LEVEL.get(guest.idr0());
        return has == wanted
                ? Optional.empty()
                : Optional.of(
                        "Host SMMUv3 Stream Table format mismatch (host STLEVEL="
                                + has
                                + ", QEMU STLEVEL="
                                + wanted
                                + ")");
    }
}
