package dev.belfry.model.smmu.spec;

import static dev.belfry.model.bits.Field.bit;
import static dev.belfry.model.bits.Field.bits;

import dev.belfry.model.bits.Field;

/// The Non-secure registers of pages 0 and 1 (IHI 0070 6.2, 6.3), in the order of their offsets.
/// Offsets that are not here are RES0.
///
/// The write mask has the bits that some SMMU may let software write; what a given one lets through
/// depends on its ID registers and on the other registers as well.
public enum SmmuRegister {
    IDR0(0x0, 4, 0),
    IDR1(0x4, 4, 0),
    IDR2(0x8, 4, 0),
    IDR3(0xc, 4, 0),
    IDR4(0x10, 4, 0),
    IDR5(0x14, 4, 0),
    IIDR(0x18, 4, 0),
    AIDR(0x1c, 4, 0),
    CR0(0x20, 4, 0x1df),
    CR0ACK(0x24, 4, 0),
    CR1(0x28, 4, 0xfff),
    CR2(0x2c, 4, 0xf),
    STATUSR(0x40, 4, 0),
    GBPA(0x44, 4, 0x801f_3f1fL),
    AGBPA(0x48, 4, 0),
    IRQ_CTRL(0x50, 4, 0x7),
    IRQ_CTRLACK(0x54, 4, 0),
    GERROR(0x60, 4, 0),
    GERRORN(0x64, 4, 0x1fd),
    GERROR_IRQ_CFG0(0x68, 8, 0x00ff_ffff_ffff_fffcL),
    GERROR_IRQ_CFG1(0x70, 4, 0xffff_ffffL),
    GERROR_IRQ_CFG2(0x74, 4, 0x3f),
    STRTAB_BASE(0x80, 8, 0x40ff_ffff_ffff_ffc0L),
    STRTAB_BASE_CFG(0x88, 4, 0x3_07ff),
    CMDQ_BASE(0x90, 8, 0x40ff_ffff_ffff_ffffL),
    CMDQ_PROD(0x98, 4, 0xf_ffff),
    CMDQ_CONS(0x9c, 4, 0x7f0f_ffff),
    EVENTQ_BASE(0xa0, 8, 0x40ff_ffff_ffff_ffffL),
    EVENTQ_IRQ_CFG0(0xb0, 8, 0x00ff_ffff_ffff_fffcL),
    EVENTQ_IRQ_CFG1(0xb8, 4, 0xffff_ffffL),
    EVENTQ_IRQ_CFG2(0xbc, 4, 0x3f),
    PRIQ_BASE(0xc0, 8, 0x40ff_ffff_ffff_ffffL),
    PRIQ_IRQ_CFG0(0xd0, 8, 0x00ff_ffff_ffff_fffcL),
    PRIQ_IRQ_CFG1(0xd8, 4, 0xffff_ffffL),
    PRIQ_IRQ_CFG2(0xdc, 4, 0x8000_003fL),
    GATOS_CTRL(0x100, 4, 0x1),
    GATOS_SID(0x108, 8, 0x001f_ffff_ffff_ffffL),
    GATOS_ADDR(0x110, 8, 0xffff_ffff_ffff_ffc0L),
    GATOS_PAR(0x118, 8, 0),
    EVENTQ_PROD(0x100a8, 4, 0x800f_ffffL),
    EVENTQ_CONS(0x100ac, 4, 0x800f_ffffL),
    PRIQ_PROD(0x100c8, 4, 0x800f_ffffL),
    PRIQ_CONS(0x100cc, 4, 0x800f_ffffL);

    private final int offset;
    private final int width;
    private final long writeMask;

    SmmuRegister(int offset, int width, long writeMask) {
        this.offset = offset;
        this.width = width;
        this.writeMask = writeMask;
    }

    /// Offset from the start of page 0, bytes.
    public int offset() {
        return offset;
    }

    /// Width in bytes: 4 or 8.
    public int width() {
        return width;
    }

    /// Bits that software may be able to write.
    public long writeMask() {
        return writeMask;
    }

    /// Value after reset, where it does not come from the identity. All are 0: the architecture
    /// leaves most UNKNOWN, and says 0 for CR0, IRQ_CTRL, GERROR and GERRORN.
    public long reset() {
        return 0;
    }

    /// The specification's name, as in `SMMU_CR0`.
    public String specName() {
        return "SMMU_" + name();
    }

    /// 6.3.1.
    public interface Idr0 {
        Field S2P = bit(0);
        Field S1P = bit(1);
        Field TTF = bits(3, 2);
        Field COHACC = bit(4);
        Field BTM = bit(5);
        Field HTTU = bits(7, 6);
        Field DORMHINT = bit(8);
        Field HYP = bit(9);
        Field ATS = bit(10);
        Field NS1ATS = bit(11);
        Field ASID16 = bit(12);
        Field MSI = bit(13);
        Field SEV = bit(14);
        Field ATOS = bit(15);
        Field PRI = bit(16);
        Field VMW = bit(17);
        Field VMID16 = bit(18);
        Field CD2L = bit(19);
        Field VATOS = bit(20);
        Field TTENDIAN = bits(22, 21);
        Field ATSRECERR = bit(23);
        Field STALL_MODEL = bits(25, 24);
        Field TERM_MODEL = bit(26);
        Field ST_LEVEL = bits(28, 27);
        Field RME_IMPL = bit(30);
    }

    /// 6.3.2.
    public interface Idr1 {
        Field SIDSIZE = bits(5, 0);
        Field SSIDSIZE = bits(10, 6);
        Field PRIQS = bits(15, 11);
        Field EVENTQS = bits(20, 16);
        Field CMDQS = bits(25, 21);
        Field ATTR_PERMS_OVR = bit(26);
        Field ATTR_TYPES_OVR = bit(27);
        Field REL = bit(28);
        Field QUEUES_PRESET = bit(29);
        Field TABLES_PRESET = bit(30);
        Field ECMDQ = bit(31);
    }

    /// 6.3.3.
    public interface Idr2 {
        Field BA_VATOS = bits(9, 0);
    }

    /// 6.3.4.
    public interface Idr3 {
        Field HAD = bit(2);
        Field PBHA = bit(3);
        Field XNX = bit(4);
        Field PPS = bit(5);
        Field MPAM = bit(7);
        Field FWB = bit(8);
        Field STT = bit(9);
        Field RIL = bit(10);
        Field BBML = bits(12, 11);
        Field E0PD = bit(13);
        Field PTWNNC = bit(14);
        Field DPT = bit(15);
        Field PASIDTT = bit(16);
        Field EPAN = bit(17);
    }

    /// 6.3.6.
    public interface Idr5 {
        Field OAS = bits(2, 0);
        Field GRAN4K = bit(4);
        Field GRAN16K = bit(5);
        Field GRAN64K = bit(6);
        Field DS = bit(7);
        Field D128 = bit(8);
        Field VAX = bits(11, 10);
        Field STALL_MAX = bits(31, 16);
    }

    /// 6.3.9; CR0ACK has the same.
    public interface Cr0 {
        Field SMMUEN = bit(0);
        Field PRIQEN = bit(1);
        Field EVENTQEN = bit(2);
        Field CMDQEN = bit(3);
        Field ATSCHK = bit(4);
        Field VMW = bits(8, 6);
    }

    /// 6.3.11.
    public interface Cr1 {
        Field QUEUE_IC = bits(1, 0);
        Field QUEUE_OC = bits(3, 2);
        Field QUEUE_SH = bits(5, 4);
        Field TABLE_IC = bits(7, 6);
        Field TABLE_OC = bits(9, 8);
        Field TABLE_SH = bits(11, 10);
    }

    /// 6.3.12.
    public interface Cr2 {
        Field E2H = bit(0);
        Field RECINVSID = bit(1);
        Field PTM = bit(2);
        Field REC_CFG_ATS = bit(3);
    }

    /// 6.3.14.
    public interface Gbpa {
        Field MEMATTR = bits(3, 0);
        Field MTCFG = bit(4);
        Field ALLOCCFG = bits(11, 8);
        Field SHCFG = bits(13, 12);
        Field PRIVCFG = bits(17, 16);
        Field INSTCFG = bits(19, 18);
        Field ABORT = bit(20);
        Field UPDATE = bit(31);
    }

    /// 6.3.16; IRQ_CTRLACK has the same.
    public interface IrqCtrl {
        Field GERROR_IRQEN = bit(0);
        Field PRIQ_IRQEN = bit(1);
        Field EVENTQ_IRQEN = bit(2);
    }

    /// 6.3.19; GERRORN has the same.
    public interface Gerror {
        Field CMDQ_ERR = bit(0);
        Field EVENTQ_ABT_ERR = bit(2);
        Field PRIQ_ABT_ERR = bit(3);
        Field MSI_CMDQ_ABT_ERR = bit(4);
        Field MSI_EVENTQ_ABT_ERR = bit(5);
        Field MSI_PRIQ_ABT_ERR = bit(6);
        Field MSI_GERROR_ABT_ERR = bit(7);
        Field SFM_ERR = bit(8);
    }

    /// The `*_IRQ_CFG0..2` registers: 6.3.21 to 6.3.23 and their like. `ADDR` is in place.
    public interface IrqCfg {
        Field ADDR = bits(55, 2);
        Field MEMATTR = bits(3, 0);
        Field SH = bits(5, 4);

        /// PRIQ_IRQ_CFG2 only.
        Field LO = bit(31);
    }

    /// 6.3.24. `ADDR` is in place.
    public interface StrtabBase {
        Field ADDR = bits(55, 6);
        Field RA = bit(62);
    }

    /// 6.3.25.
    public interface StrtabBaseCfg {
        Field LOG2SIZE = bits(5, 0);
        Field SPLIT = bits(10, 6);
        Field FMT = bits(17, 16);
    }

    /// `CMDQ_BASE`, `EVENTQ_BASE`, `PRIQ_BASE`: 6.3.26, 6.3.29, 6.3.33. `ADDR` is in place.
    public interface QueueBase {
        Field LOG2SIZE = bits(4, 0);
        Field ADDR = bits(55, 5);

        /// Read allocate (CMDQ) or write allocate (others): a hint.
        Field RA = bit(62);
    }

    /// `CMDQ_PROD` and `CMDQ_CONS`: 6.3.27, 6.3.28.
    public interface Cmdq {
        Field WR = bits(19, 0);
        Field RD = bits(19, 0);
        Field ERR = bits(30, 24);
        int CERROR_NONE = 0;
        int CERROR_ILL = 1;
        int CERROR_ABT = 2;
        int CERROR_ATC_INV_SYNC = 3;
    }

    /// `EVENTQ_PROD`, `EVENTQ_CONS` and those of the PRI queue: 6.3.95 to 6.3.98.
    public interface OutputQueue {
        Field WR = bits(19, 0);
        Field RD = bits(19, 0);
        Field OVFLG = bit(31);
        Field OVACKFLG = bit(31);
    }

    /// 6.3.37 to 6.3.40. Those of `GATOS_ADDR` and `GATOS_PAR` are in place.
    public interface Gatos {
        Field RUN = bit(0);
        Field STREAMID = bits(31, 0);
        Field SUBSTREAMID = bits(51, 32);
        Field SSID_VALID = bit(52);
        Field ADDR = bits(63, 12);
        Field TYPE = bits(11, 10);
        Field PNU = bit(9);
        Field RNW = bit(8);
        Field IND = bit(7);
        Field HTTUI = bit(6);
        Field FAULT = bit(0);
        Field REASON = bits(2, 1);
        Field FAULTCODE = bits(11, 4);
    }
}
