package dev.belfry.model.smmu;

import dev.belfry.model.bits.Field;
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
/// @param privileged 0 as it comes in, 2 unprivileged, 3 privileged
/// @param instruction 0 as it comes in, 2 data, 3 instruction
/// @param needs the permission bit that each [Access] needs, six bits each, by [Access#number]
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
        int privileged,
        int instruction,
        long needs,
        int ignoredTops) {

    private static final Access[] ACCESSES = Access.values();

    static Route of(
            int streamId,
            int substreamId,
            StreamConfig stream,
            @Nullable ContextConfig cd,
            Tlb.Context own,
            Tlb.Context shared,
            SmmuIdentity id) {
        boolean permissions = Idr1.ATTR_PERMS_OVR.isSet(id.idr1());
        int privileged = override(permissions, Ste.PRIVCFG, stream);
        int instruction = override(permissions, Ste.INSTCFG, stream);
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
                privileged,
                instruction,
                needs(privileged, instruction),
                ignored);
    }

    private static long needs(int privileged, int instruction) {
        long needs = 0;
        for (Access a : ACCESSES) {
            int need =
                    Permissions.need(
                            a.isWrite(),
                            overridden(privileged, a.isPrivileged()),
                            overridden(instruction, a.isInstruction()));
            needs |= (long) need << (6 * a.number());
        }
        return needs;
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
                0,
                0,
                needs(0, 0),
                ignoredTops);
    }

    /// An override field, 0 where it does not apply.
    private static int override(boolean applies, Field field, StreamConfig stream) {
        int value = applies ? field.getInt(stream.ste().w1()) : 0;
        return value == 1 ? 0 : value;
    }

    private static boolean overridden(int override, boolean incoming) {
        return override == 0 ? incoming : override == 3;
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

    boolean isPrivileged(Access access) {
        return overridden(privileged, access.isPrivileged());
    }

    boolean isInstruction(Access access) {
        return overridden(instruction, access.isInstruction());
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
