package dev.belfry.kernel.smmu;

import dev.belfry.kernel.Machine;
import dev.belfry.kernel.memory.PageAllocator;

/// Bringing an SMMU up, register by register in Linux's order.
final class SmmuReset {

    private static final int POLLS = 1000;

    private final Machine machine;
    private final PageAllocator pages;
    private final long registers;
    private final SmmuFeatures features;
    private final boolean el2;
    private boolean acknowledged = true;

    SmmuReset(
            Machine machine,
            PageAllocator pages,
            long registers,
            SmmuFeatures features,
            boolean el2) {
        this.machine = machine;
        this.pages = pages;
        this.registers = registers;
        this.features = features;
        this.el2 = el2;
    }

    /// @return whether every register acknowledged
    boolean run(StreamTable streams, CommandQueue commands, EventQueue events) {
        if ((read(Registers.CR0) & Registers.CR0_SMMUEN) != 0) {
            abortTransactions();
        }
        writeAcknowledged(Registers.CR0, Registers.CR0ACK, 0);
        write(Registers.CR1, Registers.CR1_VALUE);
        long cr2 = Registers.CR2_PTM | Registers.CR2_RECINVSID;
        write(Registers.CR2, el2 ? cr2 | Registers.CR2_E2H : cr2);
        write64(Registers.STRTAB_BASE, streams.baseRegister());
        write(Registers.STRTAB_BASE_CFG, streams.configRegister());

        write64(Registers.CMDQ_BASE, commands.baseRegister());
        write(Registers.CMDQ_PROD, 0);
        write(Registers.CMDQ_CONS, 0);
        enable(Registers.CR0_CMDQEN);
        commands.issueSync(Command.cfgiAll());
        if (features.hyp()) {
            commands.issueSync(Command.tlbiEl2All());
        }
        commands.issueSync(Command.tlbiNsnhAll());

        write64(Registers.EVENTQ_BASE, events.baseRegister());
        write(Registers.EVENTQ_PROD, 0);
        write(Registers.EVENTQ_CONS, 0);
        enable(Registers.CR0_EVENTQEN);
        if (features.pri()) {
            enablePri();
        }
        if (features.ats()) {
            enable(Registers.CR0_ATSCHK);
        }
        setUpInterrupts();
        enable(Registers.CR0_SMMUEN);
        return acknowledged;
    }

    /// The SMMU was left running: nothing may pass while it is set up again.
    private void abortTransactions() {
        long gbpa = read(Registers.GBPA) | Registers.GBPA_ABORT;
        write(Registers.GBPA, gbpa | Registers.GBPA_UPDATE);
        poll(Registers.GBPA, Registers.GBPA_UPDATE, 0);
    }

    private void enablePri() {
        int log2Size = features.priQueueLog2();
        long base = pages.allocate(16L << log2Size);
        write64(Registers.PRIQ_BASE, Registers.BASE_ALLOCATE.mask() | base | log2Size);
        write(Registers.PRIQ_PROD, 0);
        write(Registers.PRIQ_CONS, 0);
        enable(Registers.CR0_PRIQEN);
    }

    private void setUpInterrupts() {
        writeAcknowledged(Registers.IRQ_CTRL, Registers.IRQ_CTRLACK, 0);
        write64(Registers.GERROR_IRQ_CFG0, 0);
        write64(Registers.EVENTQ_IRQ_CFG0, 0);
        long lines = Registers.IRQ_CTRL_EVENTQ | Registers.IRQ_CTRL_GERROR;
        if (features.pri()) {
            write64(Registers.PRIQ_IRQ_CFG0, 0);
            lines |= Registers.IRQ_CTRL_PRIQ;
        }
        writeAcknowledged(Registers.IRQ_CTRL, Registers.IRQ_CTRLACK, lines);
    }

    private long cr0;

    private void enable(long bit) {
        cr0 |= bit;
        writeAcknowledged(Registers.CR0, Registers.CR0ACK, cr0);
    }

    private void writeAcknowledged(int register, int acknowledge, long value) {
        write(register, value);
        poll(acknowledge, 0xffff_ffffL, value);
    }

    private void poll(int register, long mask, long value) {
        for (int poll = 0; poll < POLLS; poll++) {
            if ((read(register) & mask) == value) {
                return;
            }
        }
        acknowledged = false;
    }

    private long read(int register) {
        return machine.read(registers + register, 4);
    }

    private void write(int register, long value) {
        machine.write(registers + register, 4, value);
    }

    private void write64(int register, long value) {
        machine.write(registers + register, 8, value);
    }
}
