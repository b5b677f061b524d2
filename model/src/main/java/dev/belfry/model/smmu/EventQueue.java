package dev.belfry.model.smmu;

import dev.belfry.model.memory.PhysicalMemory;
import dev.belfry.model.smmu.spec.EventRecord;
import dev.belfry.model.smmu.spec.SmmuRegister;
import dev.belfry.model.smmu.spec.SmmuRegister.Cr0;
import dev.belfry.model.smmu.spec.SmmuRegister.Gerror;
import dev.belfry.model.smmu.spec.SmmuRegister.Idr1;
import java.util.ArrayDeque;
import java.util.Deque;

/// The Event queue (IHI 0070 7.2, 7.4): records of stalled transactions wait until there is room,
/// others are lost and leave the overflow flag.
final class EventQueue {

    private final RegisterFile registers;
    private final Signals signals;
    private final OutputQueue queue;
    private final Deque<EventRecord> waiting = new ArrayDeque<>();

    EventQueue(SmmuIdentity id, RegisterFile registers, PhysicalMemory memory, Signals signals) {
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
        waiting.removeIf(e -> e.streamId() == streamId && e.stag() == stag);
    }

    /// Writes what has been waiting, as far as there is room.
    void flush() {
        while (!waiting.isEmpty() && usable() && !queue.isFull()) {
            if (!write(waiting.remove())) {
                return;
            }
        }
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
    }
}
