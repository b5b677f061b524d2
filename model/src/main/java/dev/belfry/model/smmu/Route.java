package dev.belfry.model.smmu;

import dev.belfry.model.smmu.spec.SmmuRegister.Idr1;
import dev.belfry.model.smmu.spec.Ste;
import org.jspecify.annotations.Nullable;

/// The way of one StreamID and SubstreamID through the SMMU: its configuration, the tags under
/// which the TLB holds its translations, and what each transaction asks of them, worked out once.
///
/// @param streamId StreamID
/// @param substreamId SubstreamID or -1
/// @param stream the STE's meaning
/// @param cd the CD's meaning; null when stage 1 is bypassed
/// @param own tag of non-global entries, and of all entries where there is no ASID
/// @param shared tag of global entries; the same as `own` where there is no ASID
/// @param bypass whether neither stage translates
/// @param input the attributes of its transactions, after the STE's overrides (13.4)
/// @param overrides what the STE makes of privilege and of data or instruction
/// @param needs the permission bit that each [Access] needs, as [Overrides#needs] has them
/// @param ignoredTops bit 0: the top byte is ignored in the lower half; bit 1: in the upper half
record Route(
        int streamId,
        int substreamId,
        StreamConfig stream,
        @Nullable ContextConfig cd,
        Tlb.Context own,
        Tlb.Context shared,
        boolean bypass,
        Attributes input,
        Overrides overrides,
        long needs,
        int ignoredTops) {

    static Route of(
            int streamId,
            int substreamId,
            StreamConfig stream,
            @Nullable ContextConfig cd,
            Tlb.Context own,
            Tlb.Context shared,
            SmmuIdentity id) {
        Overrides overrides = Overrides.of(stream, id);
        int ignored = cd == null ? 0 : (cd.lower().tbi() ? 1 : 0) | (cd.upper().tbi() ? 2 : 0);
        return new Route(
                streamId,
                substreamId,
                stream,
                cd,
                own,
                shared,
                cd == null && !stream.stage2(),
                input(stream, id),
                overrides,
                overrides.needs(),
                ignored);
    }

    /// The same without PRIVCFG and INSTCFG, which ATOS does not follow (6.3.39).
    Route withoutOverrides() {
        return new Route(
                streamId,
                substreamId,
                stream,
                cd,
                own,
                shared,
                bypass,
                input,
                Overrides.NONE,
                Overrides.NONE.needs(),
                ignoredTops);
    }

    /// What the STE makes of the attributes that come in. That it does so for PCIe too is
    /// IMPLEMENTATION DEFINED (13.1.4).
    static Attributes input(StreamConfig stream, SmmuIdentity id) {
        long w1 = stream.ste().w1();
        return Idr1.ATTR_TYPES_OVR.isSet(id.idr1())
                ? Attributes.overridden(
                        Ste.MTCFG.isSet(w1),
                        Ste.MEMATTR.getInt(w1),
                        Ste.ALLOCCFG.getInt(w1),
                        Ste.SHCFG.getInt(w1))
                : Attributes.INCOMING;
    }

    /// The permission bit that an access needs.
    int need(Access access) {
        return (int) (needs >>> (6 * access.number())) & Permissions.ALL;
    }

    /// `address` as stage 1 sees it: with TBI the top byte is that of a plain address (3.4.1).
    long canonical(long address) {
        if (ignoredTops == 0) {
            return address;
        }
        boolean halves = stream.world().twoPrivileges;
        int half = halves && (address >>> 55 & 1) != 0 ? 2 : 1;
        if ((ignoredTops & half) == 0) {
            return address;
        }
        return halves ? address << 8 >> 8 : address << 8 >>> 8;
    }
}
