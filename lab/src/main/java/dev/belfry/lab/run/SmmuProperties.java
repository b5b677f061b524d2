package dev.belfry.lab.run;

import dev.belfry.model.smmu.SmmuIdentity;
import dev.belfry.model.smmu.spec.AddressSize;
import dev.belfry.model.smmu.spec.SmmuRegister.Idr0;
import dev.belfry.model.smmu.spec.SmmuRegister.Idr1;
import dev.belfry.model.smmu.spec.SmmuRegister.Idr3;
import dev.belfry.model.smmu.spec.SmmuRegister.Idr5;

/// What an SMMU advertises, in the words of QEMU's properties.
final class SmmuProperties {

    private SmmuProperties() {}

    static String of(SmmuIdentity id) {
        boolean one = Idr0.S1P.isSet(id.idr0());
        boolean two = Idr0.S2P.isSet(id.idr0());
        return "stage "
                + (one && two ? "nested" : one ? "1" : "2")
                + ", oas "
                + oas(id)
                + ", ril "
                + onOff(Idr3.RIL.isSet(id.idr3()))
                + ", ats "
                + onOff(Idr0.ATS.isSet(id.idr0()))
                + ", ssidsize "
                + Idr1.SSIDSIZE.getInt(id.idr1());
    }

    /// Output address bits.
    static int oas(SmmuIdentity id) {
        return AddressSize.bits(Idr5.OAS.getInt(id.idr5()));
    }

    private static String onOff(boolean on) {
        return on ? "on" : "off";
    }
}
