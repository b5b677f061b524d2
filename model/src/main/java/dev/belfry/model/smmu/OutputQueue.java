package dev.belfry.model.smmu;

import dev.belfry.model.bits.Bits;
import dev.belfry.model.memory.PhysicalMemory;
import dev.belfry.model.smmu.spec.SmmuRegister;
import dev.belfry.model.smmu.spec.SmmuRegister.QueueBase;

/// A circular queue in memory that the SMMU produces into (IHI 0070 3.5.1): the Event queue and the
/// PRI queue.
final class OutputQueue {

    private static final long OVERFLOW = 1L << 31;

    private final RegisterFile registers;
    private final PhysicalMemory memory;
    private final SmmuRegister base;
    private final SmmuRegister prod;
    private final SmmuRegister cons;
    private final int maxLog2;
    private final int log2EntryBytes;

    OutputQueue(
            RegisterFile registers,
            PhysicalMemory memory,
            SmmuRegister base,
            SmmuRegister prod,
            SmmuRegister cons,
            int maxLog2,
            int log2EntryBytes) {
        this.registers = registers;
        this.memory = memory;
        this.base = base;
        this.prod = prod;
        this.cons = cons;
        this.maxLog2 = Math.min(19, maxLog2);
        this.log2EntryBytes = log2EntryBytes;
    }

    /// log2 of the number of entries.
    int log2Size() {
        return Math.min(QueueBase.LOG2SIZE.getInt(registers.get(base)), maxLog2);
    }

    private long indexMask() {
        return Bits.lowMask(log2Size() + 1);
    }

    boolean isEmpty() {
        return ((registers.get(prod) ^ registers.get(cons)) & indexMask()) == 0;
    }

    boolean isFull() {
        long differ = (registers.get(prod) ^ registers.get(cons)) & indexMask();
        return differ == 1L << log2Size();
    }

    /// Toggles OVFLG unless an overflow is unacknowledged (7.4).
    void overflow() {
        long p = registers.get(prod);
        if (((p ^ registers.get(cons)) & OVERFLOW) == 0) {
            registers.set(prod, p ^ OVERFLOW);
        }
    }

    /// Whether an overflow is unacknowledged.
    boolean overflowed() {
        return ((registers.get(prod) ^ registers.get(cons)) & OVERFLOW) != 0;
    }

    /// Writes an entry and moves PROD past it. The queue is not full.
    ///
    /// @return false when the memory refuses; PROD stays then
    boolean put(long... words) {
        long p = registers.get(prod);
        long index = p & indexMask();
        int size = log2Size();
        long start =
                Bits.alignDown(QueueBase.ADDR.inPlace(registers.get(base)), size + log2EntryBytes);
        long at = start + ((index & Bits.lowMask(size)) << log2EntryBytes);
        if (!memory.accepts(at, 8L * words.length)) {
            return false;
        }
        for (int i = 0; i < words.length; i++) {
            if (!memory.write(at + 8L * i, 8, words[i])) {
                return false;
            }
        }
        registers.set(prod, (p & OVERFLOW) | (index + 1 & indexMask()));
        return true;
    }
}
