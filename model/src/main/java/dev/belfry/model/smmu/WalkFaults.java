package dev.belfry.model.smmu;

import dev.belfry.model.bits.Bits;
import dev.belfry.model.smmu.spec.EventRecord.Cause;
import dev.belfry.model.smmu.spec.EventType;

/// What can be wrong with a descriptor, and the faults that it leads to.
final class WalkFaults {

    private WalkFaults() {}

    /// What is wrong with a descriptor before its flags count; RESERVED for nothing.
    static EventType check(long d, boolean tableBit, int level, TableConfig t, long out) {
        if ((d & 1) == 0 || (!tableBit && (level == 3 || level < t.minBlockLevel()))) {
            return EventType.F_TRANSLATION;
        }
        // Below the block's size the bits are RES0, and no address.
        long address = tableBit ? out : Bits.alignDown(out, t.shift(level));
        return Bits.fits(address, t.outputBits()) ? EventType.RESERVED : EventType.F_ADDR_SIZE;
    }

    static Fault walkAbort(int stage, Cause cause, long at) {
        return new Fault(
                EventType.F_WALK_EABT,
                stage == 2,
                cause,
                at,
                true,
                true,
                "Nothing answers where the descriptor should be: F_WALK_EABT (IHI 0070 7.3.12)");
    }

    /// A stage 2 fault.
    ///
    /// @param address the IPA that was translated, and what for
    /// @param need the permission bit that was needed
    static Fault stage2(EventType type, Cause cause, long address, int need) {
        boolean read = (need & Permissions.ANY_WRITE) == 0;
        return new Fault(type, true, cause, address, read, false, rule(type, 2, -1));
    }

    static String rule(EventType type, int stage, int level) {
        String which = "stage " + stage + (level < 0 ? "" : ", level " + level);
        return switch (type) {
            case F_TRANSLATION ->
                    "No valid descriptor for the address at "
                            + which
                            + ": F_TRANSLATION (IHI 0070 7.3.13)";
            case F_ADDR_SIZE ->
                    "The descriptor's address is beyond the effective output size at "
                            + which
                            + ": F_ADDR_SIZE (IHI 0070 7.3.14)";
            case F_ACCESS ->
                    "AF = 0 and no hardware update at " + which + ": F_ACCESS (IHI 0070 7.3.15)";
            default ->
                    "The descriptor does not allow the access at "
                            + which
                            + ": F_PERMISSION (IHI 0070 7.3.16)";
        };
    }
}
