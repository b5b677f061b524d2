package dev.belfry.kernel.smmu;

import static dev.belfry.model.smmu.spec.SmmuRegister.CMDQ_BASE;
import static dev.belfry.model.smmu.spec.SmmuRegister.CMDQ_CONS;
import static dev.belfry.model.smmu.spec.SmmuRegister.CMDQ_PROD;
import static dev.belfry.model.smmu.spec.SmmuRegister.CR0;
import static dev.belfry.model.smmu.spec.SmmuRegister.CR0ACK;
import static dev.belfry.model.smmu.spec.SmmuRegister.CR1;
import static dev.belfry.model.smmu.spec.SmmuRegister.CR2;
import static dev.belfry.model.smmu.spec.SmmuRegister.EVENTQ_BASE;
import static dev.belfry.model.smmu.spec.SmmuRegister.EVENTQ_CONS;
import static dev.belfry.model.smmu.spec.SmmuRegister.EVENTQ_IRQ_CFG0;
import static dev.belfry.model.smmu.spec.SmmuRegister.EVENTQ_PROD;
import static dev.belfry.model.smmu.spec.SmmuRegister.GBPA;
import static dev.belfry.model.smmu.spec.SmmuRegister.GERROR_IRQ_CFG0;
import static dev.belfry.model.smmu.spec.SmmuRegister.IRQ_CTRL;
import static dev.belfry.model.smmu.spec.SmmuRegister.IRQ_CTRLACK;
import static dev.belfry.model.smmu.spec.SmmuRegister.PRIQ_BASE;
import static dev.belfry.model.smmu.spec.SmmuRegister.PRIQ_CONS;
import static dev.belfry.model.smmu.spec.SmmuRegister.PRIQ_IRQ_CFG0;
import static dev.belfry.model.smmu.spec.SmmuRegister.PRIQ_PROD;
import static dev.belfry.model.smmu.spec.SmmuRegister.STRTAB_BASE;
import static dev.belfry.model.smmu.spec.SmmuRegister.STRTAB_BASE_CFG;

import dev.belfry.kernel.memory.PageAllocator;
import dev.belfry.model.smmu.spec.SmmuRegister;
import dev.belfry.model.smmu.spec.SmmuRegister.Cr0;
import dev.belfry.model.smmu.spec.SmmuRegister.Cr1;
import dev.belfry.model.smmu.spec.SmmuRegister.Cr2;
import dev.belfry.model.smmu.spec.SmmuRegister.Gbpa;
import dev.belfry.model.smmu.spec.SmmuRegister.IrqCtrl;
import dev.belfry.model.smmu.spec.SmmuRegister.QueueBase;

/// Bringing an SMMU up, register by register in Linux's order.
final class SmmuReset {

    private static final int POLLS = 1000;
    private static final int WRITE_BACK = 1;
    private static final int INNER_SHAREABLE = 3;

    private static final long TABLES_AND_QUEUES =
            Cr1.TABLE_SH.of(INNER_SHAREABLE)
                    | Cr1.TABLE_OC.of(WRITE_BACK)
                    | Cr1.TABLE_IC.of(WRITE_BACK)
                    | Cr1.QUEUE_SH.of(INNER_SHAREABLE)
                    | Cr1.QUEUE_OC.of(WRITE_BACK)
                    | Cr1.QUEUE_IC.of(WRITE_BACK);

    private final PageAllocator pages;
    private final Registers registers;
    private final SmmuFeatures features;
    private final boolean el2;
    private boolean acknowledged = true;

    SmmuReset(PageAllocator pages, Registers registers, SmmuFeatures features, boolean el2) {
        this.pages = pages;
        this.registers = registers;
        this.features = features;
        this.el2 = el2;
    }

    /// @return whether every register acknowledged
    boolean run(StreamTable streams, CommandQueue commands, EventQueue events) {
        if (Cr0.SMMUEN.isSet(registers.read(CR0))) {
            abortTransactions();
        }
        writeAcknowledged(CR0, CR0ACK, 0);
        registers.write(CR1, TABLES_AND_QUEUES);
        long cr2 = Cr2.PTM.mask() | Cr2.RECINVSID.mask();
        registers.write(CR2, el2 ? cr2 | Cr2.E2H.mask() : cr2);
        registers.write(STRTAB_BASE, streams.baseRegister());
        registers.write(STRTAB_BASE_CFG, streams.configRegister());

        registers.write(CMDQ_BASE, commands.baseRegister());
        registers.write(CMDQ_PROD, 0);
        registers.write(CMDQ_CONS, 0);
        commands.interruptOff();
        enable(Cr0.CMDQEN.mask());
        commands.issueSync(Command.cfgiAll());
        if (features.hyp()) {
            commands.issueSync(Command.tlbiEl2All());
        }
        commands.issueSync(Command.tlbiNsnhAll());

        registers.write(EVENTQ_BASE, events.baseRegister());
        registers.write(EVENTQ_PROD, 0);
        registers.write(EVENTQ_CONS, 0);
        enable(Cr0.EVENTQEN.mask());
        if (features.pri()) {
            enablePri();
        }
        if (features.ats()) {
            enable(Cr0.ATSCHK.mask());
        }
        setUpInterrupts();
        commands.interruptOn();
        enable(Cr0.SMMUEN.mask());
        return acknowledged;
    }

    /// The SMMU was left running: nothing may pass while it is set up again.
    private void abortTransactions() {
        long gbpa = registers.read(GBPA) | Gbpa.ABORT.mask();
        registers.write(GBPA, gbpa | Gbpa.UPDATE.mask());
        poll(GBPA, Gbpa.UPDATE.mask(), 0);
    }

    private void enablePri() {
        int log2Size = features.priQueueLog2();
        long base = pages.allocate(16L << log2Size);
        registers.write(PRIQ_BASE, QueueBase.RA.mask() | base | log2Size);
        registers.write(PRIQ_PROD, 0);
        registers.write(PRIQ_CONS, 0);
        enable(Cr0.PRIQEN.mask());
    }

    private void setUpInterrupts() {
        writeAcknowledged(IRQ_CTRL, IRQ_CTRLACK, 0);
        registers.write(GERROR_IRQ_CFG0, 0);
        registers.write(EVENTQ_IRQ_CFG0, 0);
        long lines = IrqCtrl.EVENTQ_IRQEN.mask() | IrqCtrl.GERROR_IRQEN.mask();
        if (features.pri()) {
            registers.write(PRIQ_IRQ_CFG0, 0);
            lines |= IrqCtrl.PRIQ_IRQEN.mask();
        }
        writeAcknowledged(IRQ_CTRL, IRQ_CTRLACK, lines);
    }

    private long cr0;

    private void enable(long bit) {
        cr0 |= bit;
        writeAcknowledged(CR0, CR0ACK, cr0);
    }

    private void writeAcknowledged(SmmuRegister register, SmmuRegister acknowledge, long value) {
        registers.write(register, value);
        poll(acknowledge, 0xffff_ffffL, value);
    }

    private void poll(SmmuRegister register, long mask, long value) {
        for (int poll = 0; poll < POLLS; poll++) {
            if ((registers.read(register) & mask) == value) {
                return;
            }
        }
        acknowledged = false;
    }
}
