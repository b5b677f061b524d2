package dev.belfry.host.description;

import dev.belfry.model.bits.Field;
import dev.belfry.model.smmu.SmmuIdentity;
import dev.belfry.model.smmu.spec.AddressSize;
import dev.belfry.model.smmu.spec.SmmuRegister.Idr0;
import dev.belfry.model.smmu.spec.SmmuRegister.Idr1;
import dev.belfry.model.smmu.spec.SmmuRegister.Idr3;
import dev.belfry.model.smmu.spec.SmmuRegister.Idr5;
import java.util.OptionalInt;

/// What a guest's SMMU advertises and the physical one must therefore have.
///
/// @param oasBits output address size: 32, 36, 40, 42, 44, 48 or 52
/// @param ssidBits SubstreamID bits, 0..20
/// @param ats ATS
/// @param ril range invalidation
/// @param cmdqv queues that guests can drive
public record IdentityWish(
        OptionalInt oasBits, OptionalInt ssidBits, boolean ats, boolean ril, boolean cmdqv) {

    /// Nothing in particular.
    public static final IdentityWish NONE =
            new IdentityWish(OptionalInt.empty(), OptionalInt.empty(), false, false, false);

    /// `identity`, raised where it falls short of the wish; never lowered.
    public SmmuIdentity raise(SmmuIdentity identity) {
        int idr0 = ats ? set(identity.idr0(), Idr0.ATS, 1) : identity.idr0();
        int ssid = Math.max(Idr1.SSIDSIZE.getInt(identity.idr1()), ssidBits.orElse(0));
        int oas = Math.max(Idr5.OAS.getInt(identity.idr5()), AddressSize.code(oasBits.orElse(0)));
        boolean same =
                idr0 == identity.idr0()
                        && ssid == Idr1.SSIDSIZE.getInt(identity.idr1())
                        && oas == Idr5.OAS.getInt(identity.idr5())
                        && (!ril || Idr3.RIL.isSet(identity.idr3()));
        return same
                ? identity
                : new SmmuIdentity(
                        identity.name() + ", raised",
                        idr0,
                        set(identity.idr1(), Idr1.SSIDSIZE, ssid),
                        identity.idr2(),
                        ril ? set(identity.idr3(), Idr3.RIL, 1) : identity.idr3(),
                        identity.idr4(),
                        set(identity.idr5(), Idr5.OAS, oas),
                        identity.iidr(),
                        identity.aidr());
    }

    private static int set(int register, Field field, int value) {
        return (int) field.set(Integer.toUnsignedLong(register), value);
    }
}
