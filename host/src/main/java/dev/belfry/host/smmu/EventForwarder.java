package dev.belfry.host.smmu;

import dev.belfry.host.uapi.Errno;
import dev.belfry.model.bits.Hex;
import dev.belfry.model.smmu.spec.EventRecord;
import dev.belfry.model.smmu.spec.EventType;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/// What the event thread does with a record (`arm_smmu_handle_event`): a stage 1 event of a stream
/// that a guest drives goes to the guest's vEVENTQ, with the guest's StreamID; all others are
/// printed.
record EventForwarder(String smmu, Map<Integer, HostStream> streams, Consumer<String> log) {

    /// @return whether a guest got it
    boolean handle(EventRecord event) {
        boolean forwarded = forward(event);
        if (!forwarded) {
            print(event);
        }
        return forwarded;
    }

    private boolean forward(EventRecord event) {
        boolean stalled = EventRecord.STALL.isSet(event.w1());
        boolean stage2 = EventRecord.S2.isSet(event.w1());
        if (!forGuests(EventType.of(EventRecord.TYPE.getInt(event.w0()))) || stalled || stage2) {
            return false;
        }
        HostStream stream = streams.get((int) EventRecord.STREAMID.get(event.w0()));
        if (stream == null || stream.vmaster().isEmpty()) {
            return false;
        }
        HostStream.Vmaster guest = stream.vmaster().get();
        long w0 = EventRecord.STREAMID.set(event.w0(), guest.vsid());
        Optional<Errno> failure =
                guest.viommu().report(new long[] {w0, event.w1(), event.w2(), event.w3()});
        return failure.isEmpty();
    }

    private static boolean forGuests(EventType type) {
        return switch (type) {
            case C_BAD_STE,
                    F_STREAM_DISABLED,
                    C_BAD_SUBSTREAMID,
                    C_BAD_CD,
                    F_TRANSLATION,
                    F_ADDR_SIZE,
                    F_ACCESS,
                    F_PERMISSION ->
                    true;
            case F_UUT,
                    C_BAD_STREAMID,
                    F_STE_FETCH,
                    F_BAD_ATS_TREQ,
                    F_TRANSL_FORBIDDEN,
                    F_CD_FETCH,
                    F_WALK_EABT,
                    F_TLB_CONFLICT,
                    F_CFG_CONFLICT,
                    E_PAGE_REQUEST,
                    F_VMS_FETCH,
                    IMPDEF,
                    RESERVED ->
                    false;
        };
    }

    private void print(EventRecord event) {
        int sid = (int) EventRecord.STREAMID.get(event.w0());
        HostStream stream = streams.get(sid);
        log.accept(
                smmu
                        + ": event "
                        + EventType.of(EventRecord.TYPE.getInt(event.w0()))
                        + " client: "
                        + (stream == null ? "(unassigned sid)" : stream.name())
                        + " sid: "
                        + Hex.of(sid)
                        + (EventRecord.S2.isSet(event.w1()) ? " stage 2" : "")
                        + " input: "
                        + Hex.of(event.w2())
                        + " ipa: "
                        + Hex.of(event.w3()));
    }
}
