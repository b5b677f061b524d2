package dev.belfry.kernel.smmu;

import static dev.belfry.model.bits.Field.bit;
import static dev.belfry.model.bits.Field.bits;

import dev.belfry.model.bits.Field;

/// Register offsets and the fields that the driver writes (IHI 0070 chapter 6).
final class Registers {

    static final int IDR0 = 0x0;
    static final int IDR1 = 0x4;
    static final int IDR3 = 0xc;
    static final int IDR5 = 0x14;
    static final int IIDR = 0x18;
    static final int CR0 = 0x20;
    static final int CR0ACK = 0x24;
    static final int CR1 = 0x28;
    static final int CR2 = 0x2c;
    static final int GBPA = 0x44;
    static final int IRQ_CTRL = 0x50;
    static final int IRQ_CTRLACK = 0x54;
    static final int GERROR = 0x60;
    static final int GERRORN = 0x64;
    static final int GERROR_IRQ_CFG0 = 0x68;
    static final int STRTAB_BASE = 0x80;
    static final int STRTAB_BASE_CFG = 0x88;
    static final int CMDQ_BASE = 0x90;
    static final int CMDQ_PROD = 0x98;
    static final int CMDQ_CONS = 0x9c;
    static final int EVENTQ_BASE = 0xa0;
    static final int EVENTQ_IRQ_CFG0 = 0xb0;
    static final int PRIQ_BASE = 0xc0;
    static final int PRIQ_IRQ_CFG0 = 0xd0;

    /// Page 1 is 64 KiB on.
    static final int EVENTQ_PROD = 0x100a8;

    static final int EVENTQ_CONS = 0x100ac;
    static final int PRIQ_PROD = 0x100c8;
    static final int PRIQ_CONS = 0x100cc;

    static final long CR0_SMMUEN = 1;
    static final long CR0_PRIQEN = 1 << 1;
    static final long CR0_EVENTQEN = 1 << 2;
    static final long CR0_CMDQEN = 1 << 3;
    static final long CR0_ATSCHK = 1 << 4;

    /// Tables and queues: inner shareable, write-back.
    static final long CR1_VALUE = 0xd75;

    static final long CR2_E2H = 1;
    static final long CR2_RECINVSID = 1 << 1;
    static final long CR2_PTM = 1 << 2;

    static final long GBPA_UPDATE = 1L << 31;
    static final long GBPA_ABORT = 1 << 20;

    static final long IRQ_CTRL_GERROR = 1;
    static final long IRQ_CTRL_PRIQ = 1 << 1;
    static final long IRQ_CTRL_EVENTQ = 1 << 2;

    static final long GERROR_CMDQ = 1;
    static final long GERROR_EVENTQ_ABT = 1 << 2;
    static final long GERROR_SFM = 1 << 8;

    /// STRTAB_BASE.RA, CMDQ_BASE.RA, EVENTQ_BASE.WA: the allocation hint.
    static final Field BASE_ALLOCATE = bit(62);

    static final Field QUEUE_LOG2SIZE = bits(4, 0);
    static final Field STRTAB_FMT = bits(17, 16);
    static final Field STRTAB_SPLIT = bits(10, 6);
    static final Field STRTAB_LOG2SIZE = bits(5, 0);

    static final Field CMDQ_CONS_ERR = bits(30, 24);

    private Registers() {}
}
