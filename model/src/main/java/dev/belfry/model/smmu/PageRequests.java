package dev.belfry.model.smmu;

import dev.belfry.model.bits.Bits;
import dev.belfry.model.bits.Field;
import dev.belfry.model.memory.PhysicalMemory;
import dev.belfry.model.smmu.spec.SmmuRegister;
import dev.belfry.model.smmu.spec.SmmuRegister.Cr0;
import dev.belfry.model.smmu.spec.SmmuRegister.Gerror;
import dev.belfry.model.smmu.spec.SmmuRegister.Idr1;
import dev.belfry.model.smmu.spec.SmmuRegister.Idr3;
import dev.belfry.model.smmu.spec.SmmuRegister.IrqCfg;
import dev.belfry.model.smmu.spec.Ste;

/// The PRI queue, and the answers that the SMMU gives itself when a page request does not get into
/// it (IHI 0070 chapter 8).
final class PageRequests {

    /// What the SMMU must know of a stream to answer for it.
    interface Streams {
        /// The STE's meaning; null when there is none that is valid, which is recorded where CR2
        /// asks for it (8.1).
        @org.jspecify.annotations.Nullable
        StreamConfig find(int streamId);
    }

    private static final int RESPONSE_FAILURE = 0;
    private static final int SUCCESS = 2;
    private static final int NO_PASID = -1;

    private static final Field STREAMID = Field.bits(31, 0);
    private static final Field SUBSTREAMID = Field.bits(51, 32);
    private static final Field PERMISSIONS = Field.bits(61, 58);
    private static final Field LAST = Field.bit(62);
    private static final Field SSV = Field.bit(63);
    private static final int PRG_INDEX = 0x1ff;

    /// W and R.
    private static final int WANTED = 0b1100;

    private final SmmuIdentity id;
    private final RegisterFile registers;
    private final Signals signals;
    private final Streams streams;
    private final OutputQueue queue;

    PageRequests(
            SmmuIdentity id,
            RegisterFile registers,
            PhysicalMemory memory,
            Signals signals,
            Streams streams) {
        this.id = id;
        this.registers = registers;
        this.signals = signals;
        this.streams = streams;
        this.queue =
                new OutputQueue(
                        registers,
                        memory,
                        SmmuRegister.PRIQ_BASE,
                        SmmuRegister.PRIQ_PROD,
                        SmmuRegister.PRIQ_CONS,
                        Idr1.PRIQS.getInt(id.idr1()),
                        4);
    }

    /// A message from an endpoint.
    ///
    /// @param permissions W, R, X, Priv
    record Request(
            int streamId,
            int substreamId,
            long address,
            int permissions,
            boolean last,
            int prgIndex) {

        /// Stop PASID marker: it is never answered.
        boolean isStopMarker() {
            return substreamId >= 0 && last && (permissions & WANTED) == 0;
        }

        long w0() {
            long pasid = substreamId < 0 ? 0 : SSV.of(1) | SUBSTREAMID.of(substreamId);
            return STREAMID.of(streamId)
                    | pasid
                    | LAST.of(last ? 1 : 0)
                    | PERMISSIONS.of(permissions & 0xf);
        }

        long w1() {
            return Bits.alignDown(address, 12) | (prgIndex & PRG_INDEX);
        }
    }

    /// Takes a message in.
    ///
    /// @return false when it was not queued
    boolean take(Request r, AtsPort.Endpoints endpoints) {
        long cr0 = registers.get(SmmuRegister.CR0ACK);
        boolean enabled = Cr0.PRIQEN.isSet(cr0) && Cr0.SMMUEN.isSet(cr0);
        if (!enabled || signals.active(Gerror.PRIQ_ABT_ERR)) {
            answer(r, NO_PASID, RESPONSE_FAILURE, endpoints);
            return false;
        }
        if (queue.isFull()) {
            queue.overflow();
        }
        boolean onlyLast = IrqCfg.LO.isSet(registers.get(SmmuRegister.PRIQ_IRQ_CFG2));
        if (queue.overflowed()) {
            discard(r, endpoints);
            if (onlyLast && r.last()) {
                signals.raise(SmmuInterrupts.Line.PRIQ);
            }
            return false;
        }
        boolean wasEmpty = queue.isEmpty();
        if (!queue.put(r.w0(), r.w1())) {
            signals.error(Gerror.PRIQ_ABT_ERR);
            answer(r, NO_PASID, RESPONSE_FAILURE, endpoints);
            return false;
        }
        if (onlyLast ? r.last() : wasEmpty) {
            signals.raise(SmmuInterrupts.Line.PRIQ);
        }
        return true;
    }

    /// While there is an overflow, only the last one of a group is answered (8.1).
    private void discard(Request r, AtsPort.Endpoints endpoints) {
        if (!r.last()) {
            return;
        }
        if (r.substreamId() < 0 || id.has3(Idr3.PPS) || r.isStopMarker()) {
            answer(r, r.substreamId(), SUCCESS, endpoints);
            return;
        }
        StreamConfig stream = streams.find(r.streamId());
        if (stream == null) {
            answer(r, NO_PASID, RESPONSE_FAILURE, endpoints);
            return;
        }
        boolean pasid = Ste.PPAR.isSet(stream.ste().w1());
        answer(r, pasid ? r.substreamId() : NO_PASID, SUCCESS, endpoints);
    }

    private static void answer(
            Request r, int substreamId, int response, AtsPort.Endpoints endpoints) {
        if (!r.isStopMarker()) {
            endpoints.pageResponse(r.streamId(), substreamId, r.prgIndex(), response);
        }
    }
}
