package dev.belfry.model.smmu;

import dev.belfry.model.bits.Bits;
import dev.belfry.model.memory.PhysicalMemory;
import dev.belfry.model.smmu.spec.Command;
import dev.belfry.model.smmu.spec.SmmuRegister;
import dev.belfry.model.smmu.spec.SmmuRegister.Cmdq;
import dev.belfry.model.smmu.spec.SmmuRegister.Cr0;
import dev.belfry.model.smmu.spec.SmmuRegister.Gerror;
import dev.belfry.model.smmu.spec.SmmuRegister.Idr1;
import dev.belfry.model.smmu.spec.SmmuRegister.QueueBase;

/// The Command queue: consumption in order, CONS arithmetic and errors (IHI 0070 3.5.1, 4.1, 7.1).
final class CommandQueue {

    private static final int LOG2_BYTES = 4;

    /// What carries commands out.
    interface Executor {
        /// Carries one out.
        ///
        /// @param position its number in this run, from 0
        /// @return one of [Cmdq]'s CERROR codes
        int execute(Command command, int position);

        /// The run ends: everything taken so far must be done.
        ///
        /// @return CERROR code of [#failedAt], or CERROR_NONE
        default int finish() {
            return Cmdq.CERROR_NONE;
        }

        /// The position of the command that an error is about: the last one taken, unless an
        /// earlier one turns out to have failed.
        default int failedAt(int position) {
            return position;
        }
    }

    private final RegisterFile registers;
    private final PhysicalMemory memory;
    private final Signals signals;
    private final Executor executor;
    private final int maxLog2;
    private boolean running;
    private long consumed;

    CommandQueue(
            SmmuIdentity id,
            RegisterFile registers,
            PhysicalMemory memory,
            Signals signals,
            Executor executor) {
        this.registers = registers;
        this.memory = memory;
        this.signals = signals;
        this.executor = executor;
        this.maxLog2 = Math.min(19, Idr1.CMDQS.getInt(id.idr1()));
    }

    /// How many commands were carried out.
    long consumed() {
        return consumed;
    }

    /// log2 of the number of entries.
    int log2Size() {
        return Math.min(QueueBase.LOG2SIZE.getInt(registers.get(SmmuRegister.CMDQ_BASE)), maxLog2);
    }

    /// Consumes commands until the queue is empty or one fails. At most twice the queue's size are
    /// consumed, whatever the indexes are. A command whose MSI comes back as a register write does
    /// not start a second run.
    void run() {
        if (running) {
            return;
        }
        running = true;
        try {
            consume();
        } finally {
            running = false;
        }
    }

    private void consume() {
        if (!Cr0.CMDQEN.isSet(registers.get(SmmuRegister.CR0ACK))
                || signals.active(Gerror.CMDQ_ERR)) {
            return;
        }
        int size = log2Size();
        long mask = Bits.lowMask(size + 1);
        long base =
                Bits.alignDown(
                        QueueBase.ADDR.inPlace(registers.get(SmmuRegister.CMDQ_BASE)),
                        size + LOG2_BYTES);
        long start = registers.get(SmmuRegister.CMDQ_CONS) & mask;
        long prod = registers.get(SmmuRegister.CMDQ_PROD) & mask;
        int count = (int) (prod - start & mask);
        int error = Cmdq.CERROR_NONE;
        int position = 0;
        for (; position < count; position++) {
            long at = base + ((start + position & Bits.lowMask(size)) << LOG2_BYTES);
            long w0 = memory.read(at, 8);
            long w1 = memory.read(at + 8, 8);
            if (w0 == 0 && !memory.accepts(at, Command.BYTES)) {
                error = Cmdq.CERROR_ABT;
                break;
            }
            Command command = Command.decode(w0, w1);
            if (command instanceof Command.Sync) {
                // Who sees its completion sees it consumed (3.18, 4.7.3).
                setCons(start + position + 1 & mask, 0);
            }
            error = executor.execute(command, position);
            if (error != Cmdq.CERROR_NONE) {
                break;
            }
            consumed++;
            setCons(start + position + 1 & mask, 0);
        }
        finish(start, position, error, mask);
        if (count == 1 << size && position > 0) {
            // It was full, and has room now (4.1.2).
            signals.wakeUp();
        }
    }

    private void finish(long start, int reached, int error, long mask) {
        int last = executor.finish();
        int code = last != Cmdq.CERROR_NONE ? last : error;
        if (code == Cmdq.CERROR_NONE) {
            return;
        }
        int position = executor.failedAt(reached);
        setCons(start + position & mask, code);
        signals.error(Gerror.CMDQ_ERR);
    }

    private void setCons(long index, int error) {
        long kept = error == 0 ? registers.get(SmmuRegister.CMDQ_CONS) & Cmdq.ERR.mask() : 0;
        registers.set(SmmuRegister.CMDQ_CONS, kept | Cmdq.ERR.of(error) | index);
    }
}
