package dev.belfry.vmm.rule.host;

import dev.belfry.model.smmu.SmmuIdentity;
import dev.belfry.model.smmu.spec.AddressSize;
import dev.belfry.model.smmu.spec.SmmuRegister.Idr5;
import java.util.Optional;

/// A host with a smaller output address size than oas=.
final class HostOas extends Comparison {

    HostOas() {
        super("OAS", "a host with a smaller output address size than oas=", "oas");
    }

    @Override
    Optional<String> shortage(SmmuIdentity guest, SmmuIdentity host) {
        int has = Idr5.OAS.getInt(host.idr5());
        int wanted = Idr5.OAS.getInt(guest.idr5());
        return has >= wanted
                ? Optional.empty()
                : Optional.of(
                        "Host SMMUv3 supports only "
                                + AddressSize.bits(has)
                                + "-bit IPA, but the vSMMU OAS implies "
                                + AddressSize.bits(wanted)
                                + "-bit IPA");
    }

    @Override
    String fitting(SmmuIdentity host) {
        return AddressSize.bits(Idr5.OAS.getInt(host.idr5())) >= 48
                ? "48"
                : AddressSize.bits(Idr5.OAS.getInt(host.idr5())) >= 44 ? "44" : "";
    }
}
