package dev.belfry.model.smmu;

import static dev.belfry.model.smmu.spec.SmmuRegister.*;

import dev.belfry.model.bits.Bits;
import dev.belfry.model.bits.Field;
import dev.belfry.model.smmu.spec.SmmuRegister;
import dev.belfry.model.smmu.spec.SmmuRegister.Cr0;
import dev.belfry.model.smmu.spec.SmmuRegister.Cr1;
import dev.belfry.model.smmu.spec.SmmuRegister.Cr2;
import dev.belfry.model.smmu.spec.SmmuRegister.Gatos;
import dev.belfry.model.smmu.spec.SmmuRegister.Gerror;
import dev.belfry.model.smmu.spec.SmmuRegister.Idr0;
import dev.belfry.model.smmu.spec.SmmuRegister.Idr1;
import dev.belfry.model.smmu.spec.SmmuRegister.IrqCtrl;
import dev.belfry.model.smmu.spec.SmmuRegister.OutputQueue;
import dev.belfry.model.smmu.spec.SmmuRegister.QueueBase;
import dev.belfry.model.smmu.spec.SmmuRegister.StrtabBaseCfg;
import org.jspecify.annotations.Nullable;

/// The values of the registers, and which of their bits software may write when (IHI 0070 6.3).
/// What a write causes is not decided here.
final class RegisterFile {

    private static final long ALL = -1L;

    private final SmmuIdentity id;
    private final long[] values = new long[256];
    private final @Nullable SmmuRegister[] byOffset = new SmmuRegister[256];

    RegisterFile(SmmuIdentity id) {
        this.id = id;
        for (SmmuRegister r : SmmuRegister.values()) {
            byOffset[index(r.offset())] = r;
            if (r.width() == 8) {
                byOffset[index(r.offset() + 4)] = r;
            }
        }
        reset();
    }

    /// Reset values: the identity; 0 elsewhere, as the architecture says or allows.
    void reset() {
        java.util.Arrays.fill(values, 0);
        set(IDR0, id.idr0());
        set(IDR1, id.idr1());
        set(IDR2, id.idr2());
        set(IDR3, id.idr3());
        set(IDR4, id.idr4());
        set(IDR5, id.idr5());
        set(IIDR, id.iidr());
        set(AIDR, id.aidr());
        // "Use incoming" for shareability, as without any override.
        set(GBPA, Gbpa.SHCFG.of(1));
    }

    private static int index(int offset) {
        return (offset >>> 2 & 0x7f) | (offset >>> 16) << 7;
    }

    /// The register at a 4-byte aligned offset, or null where it is RES0.
    @Nullable SmmuRegister at(long offset) {
        boolean known = (offset >= 0 && offset < 0x200) || (offset >= 0x10000 && offset < 0x10200);
        if (!known) {
            return null;
        }
        SmmuRegister r = byOffset[index((int) offset)];
        if (r == null && offset < 0x200) {
            // Page 0 aliases of the output queues' indexes (6.2).
            return switch ((int) offset) {
                case 0xa8 -> EVENTQ_PROD;
                case 0xac -> EVENTQ_CONS;
                case 0xc8 -> PRIQ_PROD;
                case 0xcc -> PRIQ_CONS;
                default -> null;
            };
        }
        return r;
    }

    long get(SmmuRegister register) {
        return values[index(register.offset())];
    }

    /// What a read shows: of an index that the SMMU moves, no more than the queue's size has
    /// (6.3.28, 6.3.95, 6.3.97).
    long visible(SmmuRegister register) {
        return switch (register) {
            case CMDQ_CONS -> cut(register, CMDQ_BASE, Idr1.CMDQS);
            case EVENTQ_PROD -> cut(register, EVENTQ_BASE, Idr1.EVENTQS);
            case PRIQ_PROD -> cut(register, PRIQ_BASE, Idr1.PRIQS);
            default -> get(register);
        };
    }

    private long cut(SmmuRegister index, SmmuRegister base, Field most) {
        int size = Math.min(QueueBase.LOG2SIZE.getInt(get(base)), most.getInt(id.idr1()));
        long beyond = OutputQueue.WR.mask() & ~Bits.lowMask(size + 1);
        return get(index) & ~beyond;
    }

    /// Sets a register from inside: no rules apply.
    void set(SmmuRegister register, long value) {
        values[index(register.offset())] = register.width() == 4 ? value & 0xffff_ffffL : value;
    }

    boolean smmuEnabled() {
        return Cr0.SMMUEN.isSet(get(CR0ACK));
    }

    /// The bits of `register` that this SMMU has: others are RES0.
    long implemented(SmmuRegister register) {
        long mask = register.writeMask();
        long none = 0;
        return switch (register) {
            case CR0 ->
                    mask
                            & (id.has0(Idr0.PRI) ? ALL : ~Cr0.PRIQEN.mask())
                            & (id.has0(Idr0.ATS) ? ALL : ~Cr0.ATSCHK.mask())
                            & (id.has0(Idr0.VMW) ? ALL : ~Cr0.VMW.mask());
            case CR2 ->
                    mask
                            & (id.has0(Idr0.HYP) ? ALL : ~Cr2.E2H.mask())
                            & (id.has0(Idr0.BTM) ? ALL : ~Cr2.PTM.mask())
                            & (id.has0(Idr0.ATSRECERR) ? ALL : ~Cr2.REC_CFG_ATS.mask());
            case IRQ_CTRL -> id.has0(Idr0.PRI) ? mask : mask & ~IrqCtrl.PRIQ_IRQEN.mask();
            case GERRORN ->
                    mask
                            & (id.has0(Idr0.PRI)
                                    ? ALL
                                    : ~(Gerror.PRIQ_ABT_ERR.mask()
                                            | Gerror.MSI_PRIQ_ABT_ERR.mask()))
                            & (id.has0(Idr0.MSI) ? ALL : ~0xf0L);
            case GERROR_IRQ_CFG0, EVENTQ_IRQ_CFG0 ->
                    id.has0(Idr0.MSI) ? mask & Bits.lowMask(id.oas()) : none;
            case GERROR_IRQ_CFG1, GERROR_IRQ_CFG2, EVENTQ_IRQ_CFG1, EVENTQ_IRQ_CFG2 ->
                    id.has0(Idr0.MSI) ? mask : none;
            case PRIQ_IRQ_CFG0 ->
                    id.has0(Idr0.MSI) && id.has0(Idr0.PRI) ? mask & Bits.lowMask(id.oas()) : none;
            case PRIQ_IRQ_CFG1, PRIQ_IRQ_CFG2 ->
                    id.has0(Idr0.PRI) ? (id.has0(Idr0.MSI) ? mask : mask & 1L << 31) : none;
            case PRIQ_BASE -> id.has0(Idr0.PRI) ? address(mask) : none;
            case PRIQ_PROD, PRIQ_CONS -> id.has0(Idr0.PRI) ? mask : none;
            case STRTAB_BASE, CMDQ_BASE, EVENTQ_BASE -> address(mask);
            case STRTAB_BASE_CFG ->
                    Idr0.ST_LEVEL.getInt(id.idr0()) == 0 ? StrtabBaseCfg.LOG2SIZE.mask() : mask;
            case GATOS_CTRL, GATOS_ADDR -> id.has0(Idr0.ATOS) ? mask : none;
            case GATOS_SID -> id.has0(Idr0.ATOS) ? mask & requester() : none;
            case CR1, GBPA, CMDQ_PROD, CMDQ_CONS, EVENTQ_PROD, EVENTQ_CONS -> mask;
            case IDR0,
                    IDR1,
                    IDR2,
                    IDR3,
                    IDR4,
                    IDR5,
                    IIDR,
                    AIDR,
                    CR0ACK,
                    STATUSR,
                    AGBPA,
                    IRQ_CTRLACK,
                    GERROR,
                    GATOS_PAR ->
                    none;
        };
    }

    /// The bits of GATOS_SID that the sizes of StreamID and SubstreamID leave (6.3.38).
    private long requester() {
        int ssid = id.ssidSize();
        long substream = ssid == 0 ? 0 : Gatos.SSID_VALID.mask() | Bits.lowMask(ssid) << 32;
        return Bits.lowMask(id.sidSize()) | substream;
    }

    private long address(long mask) {
        return mask & (Bits.lowMask(id.oas()) | 1L << 62);
    }

    /// The bits of `register` that may be written now: the rest is guarded by an enable.
    long writable(SmmuRegister register) {
        long cr0 = get(CR0ACK);
        boolean smmu = Cr0.SMMUEN.isSet(cr0);
        long irq = get(IRQ_CTRLACK);
        long mask = implemented(register);
        boolean guarded =
                switch (register) {
                    case CR2 -> smmu;
                    case STRTAB_BASE, STRTAB_BASE_CFG -> smmu || tablesPreset();
                    case CMDQ_BASE -> queuesPreset() || Cr0.CMDQEN.isSet(cr0);
                    case EVENTQ_BASE -> queuesPreset() || Cr0.EVENTQEN.isSet(cr0);
                    case PRIQ_BASE -> queuesPreset() || Cr0.PRIQEN.isSet(cr0);
                    case CMDQ_CONS -> Cr0.CMDQEN.isSet(cr0);
                    case EVENTQ_PROD -> Cr0.EVENTQEN.isSet(cr0);
                    case PRIQ_PROD -> Cr0.PRIQEN.isSet(cr0);
                    case GERROR_IRQ_CFG0, GERROR_IRQ_CFG1, GERROR_IRQ_CFG2 ->
                            IrqCtrl.GERROR_IRQEN.isSet(irq);
                    case EVENTQ_IRQ_CFG0, EVENTQ_IRQ_CFG1, EVENTQ_IRQ_CFG2 ->
                            IrqCtrl.EVENTQ_IRQEN.isSet(irq);
                    case PRIQ_IRQ_CFG0, PRIQ_IRQ_CFG1, PRIQ_IRQ_CFG2 ->
                            IrqCtrl.PRIQ_IRQEN.isSet(irq);
                    case GATOS_SID, GATOS_ADDR -> get(GATOS_CTRL) != 0;
                    default -> false;
                };
        if (register == CR1) {
            return mask & ~guardedCr1(cr0);
        }
        return guarded ? 0 : mask;
    }

    private boolean tablesPreset() {
        return Idr1.TABLES_PRESET.isSet(id.idr1());
    }

    private boolean queuesPreset() {
        return Idr1.QUEUES_PRESET.isSet(id.idr1());
    }

    private long guardedCr1(long cr0) {
        long tables = Cr1.TABLE_SH.mask() | Cr1.TABLE_OC.mask() | Cr1.TABLE_IC.mask();
        long queues = Cr1.QUEUE_SH.mask() | Cr1.QUEUE_OC.mask() | Cr1.QUEUE_IC.mask();
        long anyQueue = Cr0.CMDQEN.mask() | Cr0.EVENTQEN.mask() | Cr0.PRIQEN.mask();
        return (tablesPreset() || Cr0.SMMUEN.isSet(cr0) ? tables : 0)
                | (queuesPreset() || (cr0 & anyQueue) != 0 ? queues : 0);
    }
}
