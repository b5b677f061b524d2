package dev.belfry.model.smmu;

import dev.belfry.model.bits.Bits;
import dev.belfry.model.memory.PhysicalMemory;
import dev.belfry.model.smmu.spec.CmdqvLayout;
import dev.belfry.model.smmu.spec.Command;
import dev.belfry.model.smmu.spec.SmmuRegister.Cmdq;

/// One VCMDQ of a CMDQ-V: its registers, and what makes it run.
final class CmdqvQueue {

    private static final int LOG2_ENTRY = 4;
    private static final int MOST_LOG2 = 19;
    private static final long LOW = 0xffff_ffffL;

    /// Carries out one command of the queue.
    interface Executor {
        /// @return one of [Cmdq]'s CERROR codes
        int execute(long w0, long w1);
    }

    private final PhysicalMemory memory;
    private final Executor executor;
    private int alloc;
    private long cons;
    private long prod;
    private boolean enabled;
    private int gerror;
    private int gerrorn;
    private long base;
    private long consIndexBase;
    private boolean running;

    CmdqvQueue(PhysicalMemory memory, Executor executor) {
        this.memory = memory;
        this.executor = executor;
    }

    int alloc() {
        return alloc;
    }

    void setAlloc(int value) {
        alloc = value;
    }

    boolean allocated() {
        return CmdqvLayout.ALLOCATED.isSet(alloc);
    }

    boolean inError() {
        return ((gerror ^ gerrorn) & 1) != 0;
    }

    long readPage0(int offset) {
        return switch (offset) {
            case CmdqvLayout.VCMDQ_CONS -> cons;
            case CmdqvLayout.VCMDQ_PROD -> prod;
            case CmdqvLayout.VCMDQ_CONFIG, CmdqvLayout.VCMDQ_STATUS -> enabled ? 1 : 0;
            case CmdqvLayout.VCMDQ_GERROR -> gerror;
            case CmdqvLayout.VCMDQ_GERRORN -> gerrorn;
            default -> 0;
        };
    }

    /// @return whether an error came up
    boolean writePage0(int offset, long value, boolean mayRun) {
        switch (offset) {
            case CmdqvLayout.VCMDQ_CONS -> {
                if (!enabled) {
                    cons = value & (CmdqvLayout.CONS_ERR.mask() | CmdqvLayout.INDEX.mask());
                }
            }
            case CmdqvLayout.VCMDQ_PROD -> prod = CmdqvLayout.INDEX.inPlace(value);
            case CmdqvLayout.VCMDQ_CONFIG -> enabled = CmdqvLayout.EN.isSet(value);
            case CmdqvLayout.VCMDQ_GERRORN -> gerrorn = (int) value & 1;
            default -> {
                return false;
            }
        }
        return mayRun && run();
    }

    long readPage1(int offset) {
        return switch (offset) {
            case CmdqvLayout.VCMDQ_BASE -> base & 0xffff_ffffL;
            case CmdqvLayout.VCMDQ_BASE + 4 -> base >>> 32;
            case CmdqvLayout.VCMDQ_CONS_INDX_BASE -> consIndexBase & 0xffff_ffffL;
            case CmdqvLayout.VCMDQ_CONS_INDX_BASE + 4 -> consIndexBase >>> 32;
            default -> 0;
        };
    }

    void writePage1(int offset, long value) {
        switch (offset) {
            case CmdqvLayout.VCMDQ_BASE -> base = low(base, value);
            case CmdqvLayout.VCMDQ_BASE + 4 -> base = high(base, value);
            case CmdqvLayout.VCMDQ_CONS_INDX_BASE -> consIndexBase = low(consIndexBase, value);
            case CmdqvLayout.VCMDQ_CONS_INDX_BASE + 4 -> consIndexBase = high(consIndexBase, value);
            default -> {}
        }
    }

    private static long low(long register, long value) {
        return (register & ~LOW) | (value & LOW);
    }

    private static long high(long register, long value) {
        return (register & LOW) | value << 32;
    }

    /// Consumes what is there, at most twice the queue's size, whatever the indexes are.
    ///
    /// @return whether an error came up
    boolean run() {
        if (!enabled || inError() || running) {
            return false;
        }
        running = true;
        int size = Math.min(CmdqvLayout.LOG2SIZE.getInt(base), MOST_LOG2);
        long mask = Bits.lowMask(size + 1);
        long start = cons & mask;
        long count = prod - start & mask;
        long at = CmdqvLayout.ADDR.inPlace(base);
        int error = Cmdq.CERROR_NONE;
        long done = 0;
        while (done < count && error == Cmdq.CERROR_NONE) {
            long entry = at + ((start + done & Bits.lowMask(size)) << LOG2_ENTRY);
            error =
                    memory.accepts(entry, Command.BYTES)
                            ? executor.execute(memory.read(entry, 8), memory.read(entry + 8, 8))
                            : Cmdq.CERROR_ABT;
            done += error == Cmdq.CERROR_NONE ? 1 : 0;
            cons = CmdqvLayout.CONS_ERR.inPlace(cons) | (start + done & mask);
        }
        running = false;
        if (error != Cmdq.CERROR_NONE) {
            cons = CmdqvLayout.CONS_ERR.set(cons, error);
            gerror ^= 1;
        }
        return error != Cmdq.CERROR_NONE;
    }
}
