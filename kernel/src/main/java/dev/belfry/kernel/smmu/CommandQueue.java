package dev.belfry.kernel.smmu;

import dev.belfry.kernel.Machine;
import dev.belfry.kernel.memory.PageAllocator;
import dev.belfry.model.smmu.spec.SmmuRegister.Cmdq;
import dev.belfry.model.smmu.spec.SmmuRegister.QueueBase;
import java.util.List;

/// A command queue from software's side (IHI 0070 3.5, 6.3.26 to 6.3.28): the SMMU's own, or a
/// secondary one that takes some of its commands (`get_secondary_cmdq`).
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

    /// How the end of a CMD_SYNC is learnt.
    enum Completion {
        /// By its message, written over its slot.
        MESSAGE,
        /// By CONS; it signals an event, too.
        EVENT,
        /// By CONS alone: queues of a CMDQ-V know no other.
        POLLING
    }

    /// Queues beside this one.
    interface Secondary {
        /// The queue that takes all of `commands`; `main` when none does.
        CommandQueue queueFor(List<Command> commands, CommandQueue main);
    }

    private static final int ENTRY_BYTES = 16;
    private static final int POLLS = 1000;
    private static final int CERROR_ILL = 1;

    private final Machine machine;
    private final QueuePort port;
    private final long base;
    private final int log2Size;
    private final Completion completion;
    private Secondary secondary = (commands, main) -> main;
    private int prod;
    private long issued;
    private boolean heard = true;
    private boolean stuck;

    /// Free entries that are known of.
    private int room;

    CommandQueue(
            Machine machine,
            PageAllocator pages,
            QueuePort port,
            int log2Size,
            Completion completion) {
        this.machine = machine;
        this.port = port;
        this.log2Size = log2Size;
        this.completion = completion;
        this.base = pages.allocate((long) ENTRY_BYTES << log2Size);
        this.room = 1 << log2Size;
    }

    /// From now on other queues are asked first.
    void setSecondary(Secondary queues) {
        secondary = queues;
    }

    /// How many commands went into this queue, CMD_SYNC included.
    public long issued() {
        return issued;
    }

    /// It is empty again, with its registers at 0.
    void restart() {
        prod = 0;
        room = 1 << log2Size;
    }

    /// The GERROR interrupt is off: an error that becomes active now is nobody's to handle, and the
    /// queue stays where it stopped. The interrupt comes when an error becomes active, so it does
    /// not come later for one that is active already.
    void interruptOff() {
        heard = false;
        stuck = false;
    }

    /// The GERROR interrupt is on.
    void interruptOn() {
        heard = true;
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
        port.produce(prod);
        return Outcome.DONE;
    }

    /// Queues one command and CMD_SYNC, and waits.
    public Outcome issueSync(Command command) {
        return issueSync(List.of(command));
    }

    /// Queues commands in batches, CMD_SYNC after the last, and waits. An empty list is a CMD_SYNC
    /// alone.
    public Outcome issueSync(List<Command> commands) {
        return secondary.queueFor(commands, this).batches(commands);
    }

    private Outcome batches(List<Command> commands) {
        int from = 0;
        while (commands.size() - from > BATCH) {
            if (!makeRoom(BATCH)) {
                return Outcome.TIMEOUT;
            }
            commands.subList(from, from + BATCH).forEach(this::put);
            port.produce(prod);
            from += BATCH;
        }
        if (!makeRoom(commands.size() - from + 1)) {
            return Outcome.TIMEOUT;
        }
        commands.subList(from, commands.size()).forEach(this::put);
        long slot = slot(prod);
        put(completion == Completion.MESSAGE ? Command.syncMsi(slot) : plainSync());
        port.produce(prod);
        return completion == Completion.MESSAGE ? awaitMsi(slot) : awaitConsumed();
    }

    private Command plainSync() {
        return completion == Completion.POLLING ? Command.syncPolled() : Command.sync();
    }

    private void put(Command command) {
        long slot = slot(prod);
        machine.write(slot, 8, command.w0());
        machine.write(slot + 8, 8, command.w1());
        prod = (prod + 1) & ((2 << log2Size) - 1);
        issued++;
    }

    private long slot(int index) {
        return base + (long) (index & ((1 << log2Size) - 1)) * ENTRY_BYTES;
    }

    private int cons() {
        int pointer = (2 << log2Size) - 1;
        return (int) port.consumed() & pointer;
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
        if (stuck || !port.stopped()) {
            return;
        }
        if (heard) {
            skipError();
            port.acknowledge();
        } else {
            stuck = true;
        }
    }

    /// CMDQ_ERR is active: an illegal command is replaced by CMD_SYNC; after a fetch abort or an
    /// ATC_INV timeout the queue is simply retried.
    void skipError() {
        long cons = port.consumed();
        if (Cmdq.ERR.getInt(cons) == CERROR_ILL) {
            long slot = slot((int) cons);
            Command sync = plainSync();
            machine.write(slot, 8, sync.w0());
            machine.write(slot + 8, 8, sync.w1());
        }
    }
}
