package dev.belfry.model.smmu;

import dev.belfry.model.bits.Bits;
import dev.belfry.model.journey.Probe;
import dev.belfry.model.memory.PhysicalMemory;
import dev.belfry.model.smmu.spec.Command;
import dev.belfry.model.smmu.spec.EventRecord;
import dev.belfry.model.smmu.spec.EventRecord.Transaction;
import dev.belfry.model.smmu.spec.EventType;
import dev.belfry.model.smmu.spec.SmmuRegister;
import dev.belfry.model.smmu.spec.SmmuRegister.Cr0;
import dev.belfry.model.smmu.spec.SmmuRegister.Cr2;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What a Root Complex sends to the SMMU and gets from it: ATS Translation Requests, Translated
/// transactions, invalidations of endpoints' caches, page requests (IHI 0070 3.9, chapter 8).
public final class AtsPort {

    /// The answer to a Translation Request.
    public sealed interface Response {
        /// @param address output address, or with EATS = 0b10 the IPA, aligned to the block
        /// @param blockBits log2 of the block
        record Granted(long address, int blockBits, boolean write) implements Response {}

        /// Success with R = W = 0: not mapped, or not for this access.
        record NoAccess() implements Response {}

        /// UR.
        record UnsupportedRequest() implements Response {}

        /// CA.
        record CompleterAbort() implements Response {}
    }

    /// Endpoints, as far as the SMMU talks to them.
    public interface Endpoints {
        /// Nobody listens.
        Endpoints NONE = new Endpoints() {};

        /// CMD_ATC_INV.
        ///
        /// @param substreamId PASID, or -1
        /// @param log2Size log2 of the bytes from `address` on; 64 for all
        /// @return false when the endpoint does not answer in time
        default boolean invalidate(
                int streamId, int substreamId, boolean global, long address, int log2Size) {
            return true;
        }

        /// CMD_PRI_RESP, or the SMMU's own answer when the PRI queue cannot take a request.
        ///
        /// @param response 0 failure, 1 invalid request, 2 success
        default void pageResponse(int streamId, int substreamId, int prgIndex, int response) {}
    }

    private final RegisterFile registers;
    private final Translator translator;
    private final Settlement settlement;
    private final EventQueue events;
    private final PageRequests pages;
    private Endpoints endpoints = Endpoints.NONE;

    AtsPort(
            SmmuIdentity id,
            RegisterFile registers,
            PhysicalMemory memory,
            Translator translator,
            Settlement settlement,
            EventQueue events,
            Signals signals) {
        this.registers = registers;
        this.translator = translator;
        this.settlement = settlement;
        this.events = events;
        this.pages = new PageRequests(id, registers, memory, signals, this::streamOf);
    }

    /// Who gets invalidations and page responses.
    public void connect(Endpoints listener) {
        endpoints = listener;
    }

    /// A Translation Request.
    ///
    /// @param substreamId PASID, or -1
    /// @param privileged Priv
    public Response request(int streamId, int substreamId, long address, boolean privileged) {
        Transaction t = new Transaction(streamId, substreamId, address, true, privileged, false);
        if (!registers.smmuEnabled()) {
            return refuse(t);
        }
        StreamConfig stream = translator.configuration().stream(streamId);
        if (stream == null || stream.kind() == StreamConfig.Kind.ILLEGAL) {
            configurationError(t, recordsErrors() && recordsInvalidStreams());
            return new Response.CompleterAbort();
        }
        if (stream.kind() == StreamConfig.Kind.ABORT) {
            return new Response.UnsupportedRequest();
        }
        boolean split = stream.eats() == 2 && Cr0.ATSCHK.isSet(registers.get(SmmuRegister.CR0ACK));
        if (stream.eats() != 1 && !split) {
            return refuse(t);
        }
        Access access = privileged ? Access.PRIVILEGED_READ : Access.READ;
        Translator.Outcome outcome =
                translator.translate(
                        streamId, substreamId, address, access, !split, true, Probe.NONE);
        return switch (outcome) {
            case Translator.Outcome.Silent s -> new Response.UnsupportedRequest();
            case Translator.Outcome.Failed(Fault f, Route r, StreamConfig c) ->
                    f.type().isTranslationRelated() ? new Response.NoAccess() : abort(f, t);
            // Split-stage ATS: stage 1's address, what both stages permit, and the smaller of
            // their blocks (13.6.3).
            case Translator.Outcome.Passed(Translation.Mapped m) ->
                    granted(split ? translator.lastIpa() : m.pa(), m.blockBits(), m.writable());
        };
    }

    private Response abort(Fault fault, Transaction t) {
        if (recordsErrors()) {
            events.record(fault.record(t));
        }
        return new Response.CompleterAbort();
    }

    /// Records why a stream has no configuration, where CR2.REC_CFG_ATS asks for it (3.9.1.2,
    /// 3.9.1.3).
    ///
    /// @param invalid whether C_BAD_STREAMID is recorded
    private void configurationError(Transaction t, boolean invalid) {
        Fault fault =
                translator
                        .configuration()
                        .find(t.streamId(), t.substreamId(), false, Probe.NONE)
                        .fault();
        if (fault != null
                && recordsErrors()
                && (fault.type() != EventType.C_BAD_STREAMID || invalid)) {
            events.record(fault.record(t));
        }
    }

    private @Nullable StreamConfig streamOf(int streamId) {
        StreamConfig stream = translator.configuration().stream(streamId);
        if (stream != null && stream.kind() != StreamConfig.Kind.ILLEGAL) {
            return stream;
        }
        Transaction t = new Transaction(streamId, -1, 0, true, false, false);
        configurationError(t, recordsInvalidStreams());
        return null;
    }

    private boolean recordsErrors() {
        return Cr2.REC_CFG_ATS.isSet(registers.get(SmmuRegister.CR2));
    }

    private boolean recordsInvalidStreams() {
        return Cr2.RECINVSID.isSet(registers.get(SmmuRegister.CR2));
    }

    private Response refuse(Transaction t) {
        events.record(EventRecord.badAtsRequest(t));
        return new Response.UnsupportedRequest();
    }

    private static Response granted(long address, int blockBits, boolean write) {
        return new Response.Granted(Bits.alignDown(address, blockBits), blockBits, write);
    }

    /// A transaction that is marked Translated.
    ///
    /// @param address what [#request] gave
    public Translation translated(int streamId, int substreamId, long address, Access access) {
        if (!registers.smmuEnabled()) {
            return forbid(streamId, address, access);
        }
        if (!Cr0.ATSCHK.isSet(registers.get(SmmuRegister.CR0ACK))) {
            return new Translation.Mapped(address, 12, true);
        }
        StreamConfig stream = translator.configuration().stream(streamId);
        if (stream == null || stream.kind() == StreamConfig.Kind.ILLEGAL) {
            configurationError(
                    new Transaction(streamId, -1, address, !access.isWrite(), false, false), true);
            return new Translation.Faulted(Optional.empty(), false);
        }
        if (stream.kind() == StreamConfig.Kind.ABORT) {
            return new Translation.Faulted(Optional.empty(), false);
        }
        if (stream.eats() == 0) {
            return forbid(streamId, address, access);
        }
        return stream.eats() == 1
                ? new Translation.Mapped(address, 12, true)
                : settlement.settle(
                        translator.stage2Only(stream, address, access, true),
                        streamId,
                        substreamId,
                        address,
                        access);
    }

    private Translation forbid(int streamId, long address, Access access) {
        EventRecord event =
                EventRecord.translationForbidden(
                        new Transaction(streamId, -1, address, !access.isWrite(), false, false));
        return new Translation.Faulted(Optional.of(event), events.record(event));
    }

    /// A page request.
    ///
    /// @param permissions bits 3:0 are W, R, X, Priv
    /// @param last whether it ends its group
    /// @return false when it was not queued; the SMMU may have answered it then
    public boolean pageRequest(
            int streamId,
            int substreamId,
            long address,
            int permissions,
            boolean last,
            int prgIndex) {
        return pages.take(
                new PageRequests.Request(
                        streamId, substreamId, address, permissions, last, prgIndex),
                endpoints);
    }

    boolean invalidate(Command.AtcInv c) {
        if (!registers.smmuEnabled()) {
            return true;
        }
        int bits = Math.min(64, 12 + c.size());
        return endpoints.invalidate(
                c.streamId(),
                c.ssv() ? c.substreamId() : -1,
                c.ssv() && c.global(),
                Bits.alignDown(c.address(), bits),
                bits);
    }

    void respond(Command.PriResp c) {
        if (registers.smmuEnabled()) {
            endpoints.pageResponse(
                    c.streamId(), c.ssv() ? c.substreamId() : -1, c.prgIndex(), c.resp());
        }
    }
}
