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
        /// @param execute only where the request asked for it
        /// @param privileged as the request had it
        record Granted(
                long address,
                int blockBits,
                boolean read,
                boolean write,
                boolean execute,
                boolean privileged)
                implements Response {}

        /// Success with R = W = 0: not mapped, or not for this access.
        record NoAccess() implements Response {}

        /// UR.
        record UnsupportedRequest() implements Response {}

        /// CA.
        record CompleterAbort() implements Response {}
    }

    /// A Translation Request.
    ///
    /// @param substreamId PASID, or -1
    /// @param noWrite NW: no write is intended, and no page becomes dirty
    /// @param execute Exe; counts with a PASID only
    /// @param privileged Priv; counts with a PASID only
    public record Request(
            int streamId,
            int substreamId,
            long address,
            boolean noWrite,
            boolean execute,
            boolean privileged) {

        /// To read and write, without a PASID.
        public static Request plain(int streamId, long address) {
            return new Request(streamId, -1, address, false, false, false);
        }

        private boolean asksPrivileged() {
            return privileged && substreamId >= 0;
        }

        private boolean asksExecute() {
            return execute && substreamId >= 0;
        }

        /// The permission bits of which one must be there for an answer that grants something.
        int need(Overrides o) {
            boolean p = o.isPrivileged(asksPrivileged());
            int read = Permissions.need(false, p, o.instruction() == 3);
            return noWrite ? read : read | Permissions.need(true, p, false);
        }

        /// What the request is granted of the permissions of all enabled stages (13.7.1).
        Response answer(long address, int blockBits, int permissions, Overrides o) {
            boolean p = o.isPrivileged(asksPrivileged());
            boolean readable = (permissions & Permissions.need(false, p, false)) != 0;
            boolean executable = (permissions & Permissions.need(false, p, true)) != 0;
            boolean r = o.instruction() == 3 ? executable : readable;
            boolean x = asksExecute() && (o.instruction() == 0 ? readable && executable : r);
            boolean w = (permissions & Permissions.need(true, p, false)) != 0;
            return r || w
                    ? new Response.Granted(
                            Bits.alignDown(address, blockBits),
                            blockBits,
                            r,
                            w,
                            x,
                            asksPrivileged())
                    : new Response.NoAccess();
        }
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

    private final SmmuIdentity id;
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
        this.id = id;
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
    public Response request(Request r) {
        Transaction t =
                new Transaction(
                        r.streamId(), r.substreamId(), r.address(), true, r.privileged(), false);
        if (!registers.smmuEnabled()) {
            return refuse(t);
        }
        StreamConfig stream = translator.configuration().cachedStream(r.streamId());
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
        return switch (translator.request(r, !split)) {
            case Translator.Outcome.Silent s -> new Response.UnsupportedRequest();
            case Translator.Outcome.Failed(Fault f, Route route, StreamConfig c) ->
                    f.type().isTranslationRelated() ? new Response.NoAccess() : abort(f, t);
            // Split-stage ATS: stage 1's address, what both stages permit, and the smaller of
            // their blocks (13.6.3).
            case Translator.Outcome.Passed(Translation.Mapped m, int permissions) ->
                    r.answer(
                            split ? translator.lastIpa() : m.pa(),
                            m.blockBits(),
                            permissions,
                            Overrides.of(stream, id));
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
        StreamConfig stream = translator.configuration().cachedStream(streamId);
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

    /// A transaction that is marked Translated.
    ///
    /// It counts as unprivileged data without a SubstreamID, whatever it came with: IDR3.PASIDTT =
    /// 0 (3.9.1.3).
    ///
    /// @param address what [#request] gave
    public Translation translated(int streamId, long address, boolean write) {
        Access access = write ? Access.WRITE : Access.READ;
        if (!registers.smmuEnabled()) {
            return forbid(streamId, address, access);
        }
        if (!Cr0.ATSCHK.isSet(registers.get(SmmuRegister.CR0ACK))) {
            return passed(address);
        }
        StreamConfig stream = translator.configuration().cachedStream(streamId);
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
        if (stream.eats() == 1) {
            return passed(address);
        }
        int need = Overrides.of(stream, id).need(access);
        return settlement.settle(
                translator.stage2Only(stream, address, need, true), streamId, -1, address, access);
    }

    /// An address beyond the OAS is terminated without an event (3.9.1.1).
    private Translation passed(long address) {
        return Bits.fits(address, id.oas())
                ? new Translation.Mapped(address, 12, true)
                : new Translation.Faulted(Optional.empty(), false);
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
        int pasid = pasid(c.ssv(), c.substreamId());
        int bits = Math.min(64, 12 + c.size());
        return endpoints.invalidate(
                c.streamId(),
                pasid,
                pasid >= 0 && c.global(),
                Bits.alignDown(c.address(), bits),
                bits);
    }

    void respond(Command.PriResp c) {
        if (registers.smmuEnabled()) {
            endpoints.pageResponse(
                    c.streamId(), pasid(c.ssv(), c.substreamId()), c.prgIndex(), c.resp());
        }
    }

    /// Where there are no PASIDs SSV counts as 0 (4.5.1, 4.5.2).
    private int pasid(boolean ssv, int substreamId) {
        return ssv && id.ssidSize() > 0 ? substreamId : -1;
    }
}
