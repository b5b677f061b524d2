package dev.belfry.vmm.rule.host;

import dev.belfry.model.smmu.SmmuIdentity;
import dev.belfry.model.smmu.spec.SmmuRegister.Idr5;
import java.util.Optional;

/// A host that differs in the 16K translation granule.
final class HostGran16K extends Comparison {

    HostGran16K() {
        super("GRAN16K", "a host that differs in the 16K translation granule", "");
    }

    @Override
    Optional<String> shortage(SmmuIdentity guest, SmmuIdentity host) {
        return Idr5.GRAN16K.get(host.idr5()) != Idr5.GRAN16K.get(guest.idr5())
                ? Optional.of("Host SMMUv3 doesn't support 16K translation granule")
                : Optional.empty();
    }
}
