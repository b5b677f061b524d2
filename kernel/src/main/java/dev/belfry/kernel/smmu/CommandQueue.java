package dev.belfry.kernel.smmu;

import dev.belfry.kernel.Machine;
import dev.belfry.kernel.memory.PageAllocator;
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
    private final long registers;
    private final long base;
    private final int log2Size;
    private final boolean msiPolling;
    private int prod;

    /// Free entries that are known of.
    private int room;

    CommandQueue(
            Machine machine,
            PageAllocator pages,
            long registers,
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
        return Registers.BASE_ALLOCATE.mask() | base | log2Size;
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
        machine.write(registers + Registers.CMDQ_PROD, 4, prod);
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
            machine.write(registers + Registers.CMDQ_PROD, 4, prod);
            from += BATCH;
        }
        if (!makeRoom(commands.size() - from + 1)) {
            return Outcome.TIMEOUT;
        }
        commands.subList(from, commands.size()).forEach(this::put);
        long slot = slot(prod);
        put(msiPolling ? Command.syncMsi(slot) : Command.sync());
        machine.write(registers + Registers.CMDQ_PROD, 4, prod);
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
        return (int) machine.read(registers + Registers.CMDQ_CONS, 4) & pointer;
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
        long active =
                machine.read(registers + Registers.GERROR, 4)
                        ^ machine.read(registers + Registers.GERRORN, 4);
        if ((active & Registers.GERROR_CMDQ) != 0) {
            skipError();
            long gerror = machine.read(registers + Registers.GERROR, 4);
            machine.write(registers + Registers.GERRORN, 4, gerror);
        }
    }

    /// CMDQ_ERR is active: an illegal command is replaced by CMD_SYNC; after a fetch abort or an
    /// ATC_INV timeout the queue is simply retried.
    void skipError() {
        long cons = machine.read(registers + Registers.CMDQ_CONS, 4);
        if (Registers.CMDQ_CONS_ERR.getInt(cons) == CERROR_ILL) {
            long slot = slot((int) cons);
            Command sync = Command.sync();
            machine.write(slot, 8, sync.w0());
            machine.write(slot + 8, 8, sync.w1());
        }
    }
}
