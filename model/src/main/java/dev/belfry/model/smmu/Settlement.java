package dev.belfry.model.smmu;

import dev.belfry.model.smmu.spec.EventRecord;
import dev.belfry.model.smmu.spec.EventRecord.Transaction;
import dev.belfry.model.smmu.spec.EventType;
import dev.belfry.model.smmu.spec.SmmuRegister;
import dev.belfry.model.smmu.spec.SmmuRegister.Cr2;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What becomes of a fault: recorded, stalled or dropped, ended by an abort or as RAZ/WI, as the
/// CD's A, R, S and the STE's S2R, S2S say (IHI 0070 5.5).
final class Settlement {

    private final SmmuIdentity id;
    private final RegisterFile registers;
    private final EventQueue events;
    private final Stalls stalls;

    Settlement(SmmuIdentity id, RegisterFile registers, EventQueue events, Stalls stalls) {
        this.id = id;
        this.registers = registers;
        this.events = events;
        this.stalls = stalls;
    }

    /// The result for whoever only looks.
    Translation describe(
            Translator.Outcome outcome, int sid, int ssid, long address, Access access) {
        return switch (outcome) {
            case Translator.Outcome.Passed(Translation.Mapped mapped, int permissions) -> mapped;
            case Translator.Outcome.Silent s -> new Translation.Faulted(Optional.empty(), false);
            case Translator.Outcome.Failed f ->
                    new Translation.Faulted(
                            Optional.of(event(f, sid, ssid, address, access)), false, aborts(f));
        };
    }

    /// The result for the device, with all that follows.
    Translation settle(Translator.Outcome outcome, int sid, int ssid, long address, Access access) {
        return outcome instanceof Translator.Outcome.Failed f
                ? fault(f, sid, ssid, address, access)
                : describe(outcome, sid, ssid, address, access);
    }

    /// PnU and InD are those after the STE's overrides, once there is an STE (7.3).
    private EventRecord event(
            Translator.Outcome.Failed f, int sid, int ssid, long address, Access access) {
        StreamConfig stream = f.stream();
        Overrides overrides = stream == null ? Overrides.NONE : Overrides.of(stream, id);
        return f.fault()
                .record(
                        new Transaction(
                                sid,
                                ssid,
                                address,
                                !access.isWrite(),
                                overrides.isPrivileged(access.isPrivileged()),
                                overrides.isInstruction(access.isInstruction())));
    }

    private static boolean isGoverned(Translator.Outcome.Failed f) {
        return f.fault().type().isTranslationRelated() && !f.fault().unconditional();
    }

    private static @Nullable ContextConfig context(Translator.Outcome.Failed f) {
        Route route = f.route();
        return route == null ? null : route.cd();
    }

    private static boolean aborts(Translator.Outcome.Failed f) {
        ContextConfig cd = context(f);
        return !isGoverned(f) || f.fault().stage2() || cd == null || cd.abort();
    }

    private Translation fault(
            Translator.Outcome.Failed f, int sid, int ssid, long address, Access access) {
        EventRecord event = event(f, sid, ssid, address, access);
        StreamConfig stream = f.stream();
        ContextConfig cd = context(f);
        boolean record = true;
        boolean stall = false;
        if (f.fault().type() == EventType.C_BAD_STREAMID) {
            record = Cr2.RECINVSID.isSet(registers.get(SmmuRegister.CR2));
        } else if (isGoverned(f) && f.fault().stage2() && stream != null) {
            record = stream.record();
            stall = stream.stall();
        } else if (isGoverned(f) && cd != null) {
            record = cd.record();
            stall = cd.stall();
        }
        if (stall) {
            int stag = stalls.hold(new Stalls.Transaction(sid, ssid, address, access));
            if (stag >= 0) {
                EventRecord stalled = event.stalled(stag);
                events.recordStall(stalled);
                return new Translation.Stalled(stag, stalled);
            }
        }
        // What should stall and cannot is recorded with Stall = 0 and aborted, whatever R and A
        // say (3.12).
        boolean recorded = (record || stall) && events.record(event);
        return new Translation.Faulted(Optional.of(event), recorded, stall || aborts(f));
    }
}
