package dev.belfry.model.smmu;

import dev.belfry.model.bits.Field;
import dev.belfry.model.smmu.spec.Ste;
import org.jspecify.annotations.Nullable;

/// The way of one StreamID and SubstreamID through the SMMU: its configuration, and the tags under
/// which the TLB holds its translations.
///
/// @param streamId StreamID
/// @param substreamId SubstreamID or -1
/// @param stream the STE's meaning
/// @param cd the CD's meaning; null when stage 1 is bypassed
/// @param own tag of non-global entries, and of all entries where there is no ASID
/// @param shared tag of global entries; the same as `own` where there is no ASID
/// @param privileged 0 as it comes in, 2 unprivileged, 3 privileged
/// @param instruction 0 as it comes in, 2 data, 3 instruction
record Route(
        int streamId,
        int substreamId,
        StreamConfig stream,
        @Nullable ContextConfig cd,
        Tlb.Context own,
        Tlb.Context shared,
        int privileged,
        int instruction) {

    /// An override field, 0 where it does not apply.
    static int override(boolean applies, Field field, StreamConfig stream) {
        int value = applies ? field.getInt(stream.ste().w1()) : 0;
        return value == 1 ? 0 : value;
    }

    /// The two permission overrides of an STE (5.2 PRIVCFG, INSTCFG).
    static Route of(
            int streamId,
            int substreamId,
            StreamConfig stream,
            @Nullable ContextConfig cd,
            Tlb.Context own,
            Tlb.Context shared,
            boolean overrides) {
        return new Route(
                streamId,
                substreamId,
                stream,
                cd,
                own,
                shared,
                override(overrides, Ste.PRIVCFG, stream),
                override(overrides, Ste.INSTCFG, stream));
    }

    boolean isPrivileged(Access access) {
        return privileged == 0 ? access.isPrivileged() : privileged == 3;
    }

    boolean isInstruction(Access access) {
        return instruction == 0 ? access.isInstruction() : instruction == 3;
    }

    int need(Access access) {
        return Permissions.need(access.isWrite(), isPrivileged(access), isInstruction(access));
    }
}
