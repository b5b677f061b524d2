package dev.belfry.kernel.smmu;

import dev.belfry.kernel.Machine;
import dev.belfry.kernel.memory.PageAllocator;
import dev.belfry.model.smmu.spec.EventRecord;
import dev.belfry.model.smmu.spec.SmmuRegister;
import dev.belfry.model.smmu.spec.SmmuRegister.QueueBase;
import java.util.ArrayList;
import java.util.List;

/// The Event queue from software's side (IHI 0070 7.2).
final class EventQueue {

    static final int ENTRY_BYTES = 32;
    private static final int OVERFLOW = 1 << 31;

    private final Machine machine;
    private final Registers registers;
    private final long base;
    private final int log2Size;
    private int cons;
    private int overflows;

    EventQueue(Machine machine, PageAllocator pages, Registers registers, int log2Size) {
        this.machine = machine;
        this.registers = registers;
        this.log2Size = log2Size;
        this.base = pages.allocate((long) ENTRY_BYTES << log2Size);
    }

    long baseRegister() {
        return QueueBase.RA.mask() | base | log2Size;
    }

    /// How often the SMMU said that records were lost.
    int overflows() {
        return overflows;
    }

    /// Takes the records that are there now and acknowledges each; at most one queue full.
    List<EventRecord> take() {
        List<EventRecord> taken = new ArrayList<>();
        int pointer = (2 << log2Size) - 1;
        int prod = (int) registers.read(SmmuRegister.EVENTQ_PROD);
        int left = Math.min((prod - cons) & pointer, 1 << log2Size);
        for (; left > 0; left--) {
            taken.add(record(cons & ((1 << log2Size) - 1)));
            cons = (cons & OVERFLOW) | ((cons + 1) & pointer);
            registers.write(SmmuRegister.EVENTQ_CONS, cons & 0xffff_ffffL);
        }
        if (((prod ^ cons) & OVERFLOW) != 0) {
            overflows++;
            cons = (prod & OVERFLOW) | (cons & pointer);
            registers.write(SmmuRegister.EVENTQ_CONS, cons & 0xffff_ffffL);
        }
        return taken;
    }

    private EventRecord record(int index) {
        long at = base + (long) index * ENTRY_BYTES;
        return new EventRecord(
                machine.read(at, 8),
                machine.read(at + 8, 8),
                machine.read(at + 16, 8),
                machine.read(at + 24, 8));
    }
}
