package dev.belfry.kernel.smmu;

import dev.belfry.kernel.Machine;
import dev.belfry.kernel.memory.PageAllocator;
import dev.belfry.model.smmu.spec.SmmuRegister;
import dev.belfry.model.smmu.spec.SmmuRegister.Cmdq;
import dev.belfry.model.smmu.spec.SmmuRegister.Gerror;
import dev.belfry.model.smmu.spec.SmmuRegister.QueueBase;

import java.util.List;

/// The Command queue from software's side (IHI 0070 3.5, 6.3.26 to 6.3.28).
public final class CommandQueue {

    /// Commands that go in together; a CMD_SYNC follows the last batch.
    public static final int BATCH = 64;

    /// How waiting for a CMD_SYNC ended.
    public enum Outcome {
        /// The commands were consumed.
        DONE,
        /// CMDQ_CONS stood still (`ETIMEDOUT`).
        TIMEOUT
    }

    private static final int ENTRY_BYTES = 16;
    private static final int POLLS = 1000;
    private static final int CERROR_ILL = 1;

    private final Machine machine;
    private final Registers registers;
    private final long base;
    private final int log2Size;
    private final boolean msiPolling;
    private int prod;

    /// Free entries that are known of.
    private int room;

    CommandQueue(
            Machine machine,
            PageAllocator pages,
            Registers registers,
            int log2Size,
            boolean msiPolling) {
        this.machine = machine;
        this.registers = registers;
        this.log2Size = log2Size;
        this.msiPolling = msiPolling;
        this.base = pages.allocate((long) ENTRY_BYTES << log2Size);
        this.room = 1 << log2Size;
    }

    /// What CMDQ_BASE holds.
    long baseRegister() {
        return QueueBase.RA.mask() | base | log2Size;
    }

    /// Physical address of the queue.
    public long base() {
        return base;
    }

    /// log2 of its number of entries.
    public int log2Size() {
        return log2Size;
    }

    /// PROD with its wrap bit.
    public int prod() {
        return prod;
    }

    /// Queues one command; nobody waits for it.
    Outcome issue(Command command) {
        if (!makeRoom(1)) {
            return Outcome.TIMEOUT;
        }
        put(command);
        registers.write(SmmuRegister.CMDQ_PROD, prod);
        return Outcome.DONE;
    }

    /// Queues one command and CMD_SYNC, and waits.
    public Outcome issueSync(Command command) {
        return issueSync(List.of(command));
    }

    /// Queues commands in batches, CMD_SYNC after the last, and waits. An empty list is a CMD_SYNC
    /// alone.
    public Outcome issueSync(List<Command> commands) {
        int from = 0;
        while (commands.size() - from > BATCH) {
            if (!makeRoom(BATCH)) {
                return Outcome.TIMEOUT;
            }
            commands.subList(from, from + BATCH).forEach(this::put);
            registers.write(SmmuRegister.CMDQ_PROD, prod);
            from += BATCH;
        }
        if (!makeRoom(commands.size() - from + 1)) {
            return Outcome.TIMEOUT;
        }
        commands.subList(from, commands.size()).forEach(this::put);
        long slot = slot(prod);
        put(msiPolling ? Command.syncMsi(slot) : Command.sync());
        registers.write(SmmuRegister.CMDQ_PROD, prod);
        return msiPolling ? awaitMsi(slot) : awaitConsumed();
    }

    private void put(Command command) {
        long slot = slot(prod);
        machine.write(slot, 8, command.w0());
        machine.write(slot + 8, 8, command.w1());
        prod = (prod + 1) & ((2 << log2Size) - 1);
    }

    private long slot(int index) {
        return base + (long) (index & ((1 << log2Size) - 1)) * ENTRY_BYTES;
    }

    private int cons() {
        int pointer = (2 << log2Size) - 1;
        return (int) registers.read(SmmuRegister.CMDQ_CONS) & pointer;
    }

    private int used(int cons) {
        return (prod - cons) & ((2 << log2Size) - 1);
    }

    /// Only a queue that might be full is asked for its CONS.
    private boolean makeRoom(int entries) {
        for (int poll = 0; room < entries && poll < POLLS; poll++) {
            room = (1 << log2Size) - used(cons());
            if (room < entries) {
                recover();
            }
        }
        if (room < entries) {
            return false;
        }
        room -= entries;
        return true;
    }

    private Outcome awaitConsumed() {
        for (int poll = 0; poll < POLLS; poll++) {
            int cons = cons();
            if (cons == prod) {
                room = 1 << log2Size;
                return Outcome.DONE;
            }
            recover();
        }
        return Outcome.TIMEOUT;
    }

    /// CMD_SYNC's message is 0, written over its own slot.
    private Outcome awaitMsi(long slot) {
        for (int poll = 0; poll < POLLS; poll++) {
            if (machine.read(slot, 4) == 0) {
                room = 1 << log2Size;
                return Outcome.DONE;
            }
            recover();
        }
        return Outcome.TIMEOUT;
    }

    /// What the GERROR interrupt would have done meanwhile.
    private void recover() {
        if (Gerror.CMDQ_ERR.isSet(registers.activeErrors())) {
            skipError();
            long gerror = registers.read(SmmuRegister.GERROR);
            registers.write(SmmuRegister.GERRORN, gerror);
        }
    }

    /// CMDQ_ERR is active: an illegal command is replaced by CMD_SYNC; after a fetch abort or an
    /// ATC_INV timeout the queue is simply retried.
    void skipError() {
        long cons = registers.read(SmmuRegister.CMDQ_CONS);
        if (Cmdq.ERR.getInt(cons) == CERROR_ILL) {
            long slot = slot((int) cons);
            Command sync = Command.sync();
            machine.write(slot, 8, sync.w0());
            machine.write(slot + 8, 8, sync.w1());
        }
    }
}
