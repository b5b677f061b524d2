package dev.belfry.vmm.rule.host;

import dev.belfry.model.smmu.SmmuIdentity;
import dev.belfry.model.smmu.spec.SmmuRegister.Idr1;
import java.util.Optional;

/// A host with fewer StreamID bits than the guest is told.
final class HostSidsize extends Comparison {

    HostSidsize() {
        super("SIDSIZE", "a host with fewer StreamID bits than the guest is told", "");
    }

    @Override
    Optional<String> shortage(SmmuIdentity guest, SmmuIdentity host) {
        long has = Idr1.SIDSIZE.get(host.idr1());
        long wanted = Idr1.SIDSIZE.get(guest.idr1());
        return has >= wanted
                ? Optional.empty()
                : Optional.of(
                        "Host SMMUv3 SIDSIZE not compatible (host="
                                + has
                                + ", QEMU="
                                + wanted
                                + ")");
    }
}
