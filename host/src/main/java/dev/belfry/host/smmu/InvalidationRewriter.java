package dev.belfry.host.smmu;

import static dev.belfry.model.bits.Field.bits;

import dev.belfry.host.uapi.Errno;
import dev.belfry.host.uapi.Result;
import dev.belfry.kernel.smmu.Command;
import dev.belfry.model.bits.Field;
import dev.belfry.model.bits.Hex;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.IntFunction;

/// Makes a guest's invalidation commands safe to issue (`arm_vsmmu_convert_user_cmd`): VMID and
/// StreamID are always replaced, so no guest reaches another's entries.
///
/// @param rules what else is checked; empty before Linux 7.3
/// @param vmid the stage 2's
/// @param streamIds the guest's StreamID to the physical one; empty when it has no such device
record InvalidationRewriter(
        Optional<GuestCommandRules> rules, int vmid, IntFunction<OptionalInt> streamIds) {

    // IHI 0070 4.1.3, 4.3, 4.4.
    private static final Field OPCODE = bits(7, 0);
    private static final Field VMID = bits(47, 32);
    private static final Field STREAM_ID = bits(63, 32);

    static final int CFGI_CD = 0x05;
    static final int CFGI_CD_ALL = 0x06;
    static final int TLBI_NH_ALL = 0x10;
    static final int TLBI_NH_ASID = 0x11;
    static final int TLBI_NH_VA = 0x12;
    static final int TLBI_NH_VAA = 0x13;
    static final int TLBI_NSNH_ALL = 0x30;
    static final int ATC_INV = 0x40;

    /// @return `EIO` for a command that is not for guests, or for a StreamID that is not the
    ///   guest's
    Result<Command> rewrite(long w0, long w1) {
        Optional<String> why = rules.flatMap(r -> r.refusal(w0, w1));
        return why.isPresent() ? Result.err(Errno.EIO, why.get()) : convert(w0, w1);
    }

    private Result<Command> convert(long w0, long w1) {
        return switch (OPCODE.getInt(w0)) {
            case TLBI_NSNH_ALL -> Result.ok(new Command(OPCODE.of(TLBI_NH_ALL) | VMID.of(vmid), 0));
            case TLBI_NH_VA, TLBI_NH_VAA, TLBI_NH_ALL, TLBI_NH_ASID ->
                    Result.ok(new Command(VMID.set(w0, vmid), w1));
            case ATC_INV, CFGI_CD, CFGI_CD_ALL -> withStream(w0, w1);
            default ->
                    Result.err(
                            Errno.EIO, "command " + Hex.of(OPCODE.get(w0)) + " is not for guests");
        };
    }

    private Result<Command> withStream(long w0, long w1) {
        int vsid = (int) STREAM_ID.get(w0);
        OptionalInt sid = streamIds.apply(vsid);
        return sid.isPresent()
                ? Result.ok(new Command(STREAM_ID.set(w0, sid.getAsInt()), w1))
                : Result.err(Errno.EIO, "no device has virtual StreamID " + Hex.of(vsid));
    }
}
