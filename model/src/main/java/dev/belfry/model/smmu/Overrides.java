package dev.belfry.model.smmu;

import dev.belfry.model.bits.Field;
import dev.belfry.model.smmu.spec.SmmuRegister.Idr1;
import dev.belfry.model.smmu.spec.Ste;

/// What an STE makes of a transaction's privilege and of its being data or instruction: PRIVCFG and
/// INSTCFG, where IDR1.ATTR_PERMS_OVR says that there are such (IHI 0070 5.2, 13.7.1).
///
/// @param privileged 0 as it comes in, 2 unprivileged, 3 privileged
/// @param instruction 0 as it comes in, 2 data, 3 instruction
record Overrides(int privileged, int instruction) {

    /// All as it comes in.
    static final Overrides NONE = new Overrides(0, 0);

    private static final Access[] ACCESSES = Access.values();

    static Overrides of(StreamConfig stream, SmmuIdentity id) {
        return Idr1.ATTR_PERMS_OVR.isSet(id.idr1())
                ? new Overrides(field(Ste.PRIVCFG, stream), field(Ste.INSTCFG, stream))
                : NONE;
    }

    private static int field(Field field, StreamConfig stream) {
        int value = field.getInt(stream.ste().w1());
        return value == 1 ? 0 : value;
    }

    boolean isPrivileged(boolean incoming) {
        return privileged == 0 ? incoming : privileged == 3;
    }

    boolean isInstruction(boolean incoming) {
        return instruction == 0 ? incoming : instruction == 3;
    }

    /// The permission bit that an access needs.
    int need(Access access) {
        return Permissions.need(
                access.isWrite(),
                isPrivileged(access.isPrivileged()),
                isInstruction(access.isInstruction()));
    }

    /// The permission bits that each [Access] needs, six bits each, by [Access#number].
    long needs() {
        long needs = 0;
        for (Access a : ACCESSES) {
            needs |= (long) need(a) << (6 * a.number());
        }
        return needs;
    }
}
