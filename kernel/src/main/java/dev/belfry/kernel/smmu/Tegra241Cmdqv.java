package dev.belfry.kernel.smmu;

import dev.belfry.kernel.Machine;
import dev.belfry.kernel.memory.PageAllocator;
import dev.belfry.model.smmu.spec.CmdqvLayout;
import java.util.ArrayList;
import java.util.List;

/// The driver of a Tegra241 CMDQ-V beside an SMMU, in the order of Linux's `tegra241-cmdqv.c`:
/// virtual interface 0 is the kernel's, with all logical queues that an interface has.
///
/// In a guest the interface is not the hypervisor's (HYP_OWN reads 0): its queues take
/// TLBI_NH_ASID, TLBI_NH_VA, ATC_INV and CMD_SYNC; everything else goes to the SMMU's own queue.
public final class Tegra241Cmdqv {

    private static final int POLLS = 1000;
    private static final int ENABLE = 1;

    /// What the queues of a guest's interface take, CMD_SYNC aside.
    private static final List<Integer> TAKEN_FROM_GUESTS = List.of(0x11, 0x12, 0x40);

    /// One logical queue.
    private record Lvcmdq(QueuePort.OfVcmdq port, CommandQueue queue) {}

    private final Machine machine;
    private final long base;
    private final int queuesPerVintf;
    private final int vintfs;
    private final List<Lvcmdq> queues = new ArrayList<>();
    private boolean enabled;
    private boolean hypervisorOwned;
    private boolean bypassed;

    /// Reads the parameters and allocates queues.
    ///
    /// @param base physical address of its frame
    /// @param log2Size of a queue, in commands: IDR1.CMDQS is the most
    public Tegra241Cmdqv(Machine machine, PageAllocator pages, long base, int log2Size) {
        this.machine = machine;
        this.base = base;
        read(CmdqvLayout.CONFIG);
        long param = read(CmdqvLayout.PARAM);
        int log2Vintfs = CmdqvLayout.NUM_VINTF_LOG2.getInt(param);
        this.vintfs = 1 << log2Vintfs;
        this.queuesPerVintf = (1 << CmdqvLayout.NUM_VCMDQ_LOG2.getInt(param)) / vintfs;
        for (int lidx = 0; lidx < queuesPerVintf; lidx++) {
            var port = new QueuePort.OfVcmdq(machine, base + page0(lidx));
            queues.add(
                    new Lvcmdq(
                            port,
                            new CommandQueue(
                                    machine,
                                    pages,
                                    port,
                                    log2Size,
                                    CommandQueue.Completion.POLLING)));
        }
    }

    /// `disable_cmdqv`: it is switched off, and left alone.
    public static void disable(Machine machine, long base) {
        long config = machine.read(base + CmdqvLayout.CONFIG, 4);
        machine.write(base + CmdqvLayout.CONFIG, 4, config & ~CmdqvLayout.EN.mask());
    }

    /// `bypass_vcmdq`: its queues are set up, but not used.
    public void bypass() {
        bypassed = true;
    }

    private static long page0(int lidx) {
        return CmdqvLayout.vintfPage0(0) + (long) CmdqvLayout.VCMDQ_STRIDE * lidx;
    }

    private long read(long offset) {
        return machine.read(base + offset, 4);
    }

    private void write(long offset, long value) {
        machine.write(base + offset, 4, value);
    }

    /// `writel`, then polling of STATUS until it says the same about bit 0.
    private boolean configure(long config, long status, long value) {
        write(config, value);
        for (int poll = 0; poll < POLLS; poll++) {
            if (((read(status) ^ value) & ENABLE) == 0) {
                return true;
            }
        }
        return false;
    }

    /// Brings it up (`tegra241_cmdqv_hw_reset`).
    ///
    /// @return false when something does not become enabled (`ETIMEDOUT`)
    boolean reset() {
        long config = read(CmdqvLayout.CONFIG);
        if (!configure(CmdqvLayout.CONFIG, CmdqvLayout.STATUS, config & ~CmdqvLayout.EN.mask())
                || !configure(
                        CmdqvLayout.CONFIG, CmdqvLayout.STATUS, config | CmdqvLayout.EN.mask())) {
            return false;
        }
        for (int q = 0; q < vintfs * queuesPerVintf; q++) {
            write(
                    CmdqvLayout.CMDQ_ALLOC + 4L * q,
                    CmdqvLayout.ALLOC_VINTF.of(q / queuesPerVintf)
                            | CmdqvLayout.ALLOC_LVCMDQ.of(q % queuesPerVintf)
                            | CmdqvLayout.ALLOCATED.of(1));
        }
        return resetInterface();
    }

    private boolean resetInterface() {
        disableInterface();
        long config = CmdqvLayout.vintf(0) + CmdqvLayout.VINTF_CONFIG;
        long wanted = CmdqvLayout.HYP_OWN.of(1);
        write(config, wanted);
        enabled = configureInterface(wanted | ENABLE);
        hypervisorOwned = CmdqvLayout.HYP_OWN.isSet(read(config));
        for (int lidx = 0; lidx < queues.size() && enabled; lidx++) {
            if (!reset(queues.get(lidx))) {
                disableInterface();
            }
        }
        return enabled;
    }

    private boolean configureInterface(long value) {
        long vintf = CmdqvLayout.vintf(0);
        return configure(vintf + CmdqvLayout.VINTF_CONFIG, vintf + CmdqvLayout.VINTF_STATUS, value);
    }

    private void disableInterface() {
        queues.forEach(this::stop);
        configureInterface(0);
        enabled = false;
    }

    /// `tegra241_vcmdq_hw_deinit`.
    private void stop(Lvcmdq q) {
        configure(at(q, CmdqvLayout.VCMDQ_CONFIG), at(q, CmdqvLayout.VCMDQ_STATUS), 0);
        q.port.write(CmdqvLayout.VCMDQ_PROD, 0);
        q.port.write(CmdqvLayout.VCMDQ_CONS, 0);
        writePage1(q, CmdqvLayout.VCMDQ_BASE, 0);
        writePage1(q, CmdqvLayout.VCMDQ_CONS_INDX_BASE, 0);
        if (q.port.stopped()) {
            q.port.acknowledge();
        }
        q.queue.restart();
    }

    private boolean reset(Lvcmdq q) {
        stop(q);
        writePage1(
                q,
                CmdqvLayout.VCMDQ_BASE,
                CmdqvLayout.ADDR.inPlace(q.queue.base())
                        | CmdqvLayout.LOG2SIZE.of(q.queue.log2Size()));
        return configure(at(q, CmdqvLayout.VCMDQ_CONFIG), at(q, CmdqvLayout.VCMDQ_STATUS), ENABLE);
    }

    private long at(Lvcmdq q, int register) {
        return q.port.page0() - base + register;
    }

    private void writePage1(Lvcmdq q, int register, long value) {
        machine.write(q.port.page0() + CmdqvLayout.PAGE + register, 8, value);
    }

    /// Where commands go: to the first queue, as this kernel's commands come from its boot CPU.
    CommandQueue queueFor(List<Command> commands, CommandQueue main) {
        boolean taken =
                hypervisorOwned
                        || commands.stream().allMatch(c -> TAKEN_FROM_GUESTS.contains(c.opcode()));
        return enabled && !bypassed && taken && !commands.isEmpty()
                ? queues.getFirst().queue
                : main;
    }

    /// The error interrupt (`tegra241_cmdqv_isr`): an illegal command of a queue of interface 0 is
    /// replaced by CMD_SYNC.
    ///
    /// @return which of its queues stopped, a bit each
    public long handleErrors() {
        long vintfMap = read(CmdqvLayout.VINTF_ERR_MAP);
        if ((vintfMap & 1) == 0) {
            return 0;
        }
        long map = read(CmdqvLayout.vintf(0) + CmdqvLayout.LVCMDQ_ERR_MAP) & 0xffff_ffffL;
        for (int lidx = 0; lidx < queues.size(); lidx++) {
            if ((map >>> lidx & 1) != 0) {
                queues.get(lidx).queue.skipError();
                queues.get(lidx).port.acknowledge();
            }
        }
        return map;
    }

    /// Whether its queues are in use.
    public boolean inUse() {
        return enabled && !bypassed;
    }

    /// The logical queues of interface 0.
    public List<CommandQueue> queues() {
        return queues.stream().map(Lvcmdq::queue).toList();
    }
}
