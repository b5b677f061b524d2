package dev.belfry.model.smmu;

import dev.belfry.model.memory.PhysicalMemory;
import dev.belfry.model.smmu.spec.EventRecord;
import dev.belfry.model.smmu.spec.SmmuRegister;
import dev.belfry.model.smmu.spec.SmmuRegister.Cr0;
import dev.belfry.model.smmu.spec.SmmuRegister.Gerror;
import dev.belfry.model.smmu.spec.SmmuRegister.Idr1;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;

/// The Event queue (IHI 0070 7.2, 7.4): records of stalled transactions wait until there is room,
/// others are lost and leave the overflow flag.
final class EventQueue {

    private final RegisterFile registers;
    private final Signals signals;
    private final Retry retry;
    private final OutputQueue queue;
    private final Deque<EventRecord> waiting = new ArrayDeque<>();
    private int stale;
    private boolean flushing;

    /// Who tries stalled transactions again.
    @FunctionalInterface
    interface Retry {
        /// As CMD_RESUME does.
        void again(int streamId, int stag);
    }

    EventQueue(
            SmmuIdentity id,
            RegisterFile registers,
            PhysicalMemory memory,
            Signals signals,
            Retry retry) {
        this.retry = retry;
        this.registers = registers;
        this.signals = signals;
        this.queue =
                new OutputQueue(
                        registers,
                        memory,
                        SmmuRegister.EVENTQ_BASE,
                        SmmuRegister.EVENTQ_PROD,
                        SmmuRegister.EVENTQ_CONS,
                        Idr1.EVENTQS.getInt(id.idr1()),
                        5);
    }

    int log2Size() {
        return queue.log2Size();
    }

    private boolean usable() {
        return Cr0.EVENTQEN.isSet(registers.get(SmmuRegister.CR0ACK))
                && !signals.active(Gerror.EVENTQ_ABT_ERR);
    }

    /// Records an event.
    ///
    /// @return false when it was lost
    boolean record(EventRecord event) {
        if (!usable()) {
            return false;
        }
        if (queue.isFull()) {
            queue.overflow();
            return false;
        }
        return write(event);
    }

    /// Records the event of a stalled transaction, now or when there is room.
    void recordStall(EventRecord event) {
        waiting.add(event);
        flush();
    }

    /// Forgets the records of stalled transactions that have ended otherwise.
    void forgetStall(int streamId, int stag) {
        int before = 0;
        for (Iterator<EventRecord> it = waiting.iterator(); it.hasNext(); before++) {
            EventRecord e = it.next();
            if (e.streamId() == streamId && e.stag() == stag) {
                it.remove();
                stale -= before < stale ? 1 : 0;
                return;
            }
        }
    }

    /// A CMD_SYNC was consumed: what waits until now may be about a configuration or a translation
    /// that was invalidated before it, and is looked at again rather than recorded (7.2.1).
    void synchronised() {
        stale = waiting.size();
    }

    /// Writes what has been waiting, as far as there is room; what is stale is tried again. A
    /// record that this leads to waits for its turn.
    void flush() {
        if (flushing) {
            return;
        }
        flushing = true;
        try {
            while (!waiting.isEmpty() && usable() && !queue.isFull() && next()) {}
        } finally {
            flushing = false;
        }
    }

    private boolean next() {
        EventRecord e = waiting.remove();
        if (stale == 0) {
            return write(e);
        }
        stale--;
        retry.again(e.streamId(), e.stag());
        return true;
    }

    private boolean write(EventRecord event) {
        boolean wasEmpty = queue.isEmpty();
        if (!queue.put(event.w0(), event.w1(), event.w2(), event.w3())) {
            signals.error(Gerror.EVENTQ_ABT_ERR);
            return false;
        }
        if (wasEmpty) {
            // The interrupt is for the transition to non-empty (3.18).
            signals.raise(SmmuInterrupts.Line.EVENTQ);
        }
        return true;
    }

    void reset() {
        waiting.clear();
        stale = 0;
    }
}
