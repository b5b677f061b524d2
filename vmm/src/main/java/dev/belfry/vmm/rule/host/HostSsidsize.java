package dev.belfry.vmm.rule.host;

import dev.belfry.model.smmu.SmmuIdentity;
import dev.belfry.model.smmu.spec.SmmuRegister.Idr1;
import java.util.Optional;

/// A host with fewer SubstreamID bits than ssidsize=.
final class HostSsidsize extends Comparison {

    HostSsidsize() {
        super("SSIDSIZE", "a host with fewer SubstreamID bits than ssidsize=", "ssidsize");
    }

    @Override
    Optional<String> shortage(SmmuIdentity guest, SmmuIdentity host) {
        long has = Idr1.SSIDSIZE.get(host.idr1());
        long wanted = Idr1.SSIDSIZE.get(guest.idr1());
        return has >= wanted
                ? Optional.empty()
                : Optional.of(
                        "Host SMMUv3 SSIDSIZE not compatible (host="
                                + has
                                + ", QEMU="
                                + wanted
                                + ")");
    }

    @Override
    String fitting(SmmuIdentity host) {
        return Integer.toString(Idr1.SSIDSIZE.getInt(host.idr1()));
    }
}
