package dev.belfry.model.smmu;

import dev.belfry.model.bits.Hex;
import dev.belfry.model.smmu.spec.SmmuRegister;
import dev.belfry.model.smmu.spec.SmmuRegister.Cr0;
import dev.belfry.model.smmu.spec.SmmuRegister.Gbpa;
import org.jspecify.annotations.Nullable;

/// Register accesses: widths and halves, guards, and what a write causes (IHI 0070 6.2, 6.3).
final class RegisterWrites {

    /// What goes on behind the registers.
    interface Consequences {
        /// There may be commands to consume.
        void commandsWaiting();

        /// There may be room in the Event queue.
        void eventsConsumed();

        /// SMMUEN changed.
        void enabled(boolean on);

        /// GBPA was updated.
        void bypassChanged();

        /// GATOS_CTRL.RUN was set.
        void atosRequested();

        /// EVENTQEN became 1.
        void eventQueueEnabled();
    }

    private final RegisterFile registers;
    private final Findings findings;
    private final Consequences then;

    RegisterWrites(RegisterFile registers, Findings findings, Consequences then) {
        this.registers = registers;
        this.findings = findings;
        this.then = then;
    }

    /// Reads 4 or 8 aligned bytes; anything else is RAZ (6.2 leaves it open).
    long read(long offset, int width) {
        if (width == 4 && (offset & 3) == 0) {
            return read32(offset);
        }
        return width == 8 && (offset & 7) == 0 ? read32(offset) | read32(offset + 4) << 32 : 0;
    }

    private long read32(long offset) {
        SmmuRegister r = registers.at(offset);
        if (r == null) {
            return 0;
        }
        long value = registers.visible(r);
        return offset - r.offset() == 4 ? value >>> 32 : value & 0xffff_ffffL;
    }

    /// Writes 4 or 8 aligned bytes; anything else is WI.
    void write(long offset, int width, long value) {
        if (width == 8 && (offset & 7) == 0) {
            SmmuRegister r = registers.at(offset);
            if (r != null && r.width() == 8) {
                store(r, -1L, value);
                return;
            }
            write(offset, 4, value);
            write(offset + 4, 4, value >>> 32);
        } else if (width == 4 && (offset & 3) == 0) {
            SmmuRegister r = registers.at(offset);
            if (r != null) {
                boolean high = r.width() == 8 && offset - r.offset() == 4;
                store(r, high ? 0xffff_ffffL << 32 : 0xffff_ffffL, high ? value << 32 : value);
            }
        } else {
            findings.add(
                    "ACCESS_SIZE", "6.2", "a " + width + "-byte write at offset " + Hex.of(offset));
        }
    }

    private void store(SmmuRegister r, long lanes, long value) {
        long old = registers.get(r);
        long allowed = registers.writable(r) & lanes;
        long now = (old & ~allowed) | (value & allowed);
        strict(r, old, value & lanes, allowed, lanes);
        switch (r) {
            case CR0 -> cr0(now);
            case GBPA -> gbpa(now, value);
            case IRQ_CTRL -> {
                registers.set(r, now);
                registers.set(SmmuRegister.IRQ_CTRLACK, now);
            }
            case GERRORN -> {
                registers.set(r, now);
                then.eventsConsumed();
                then.commandsWaiting();
            }
            case CMDQ_PROD -> {
                registers.set(r, now);
                then.commandsWaiting();
            }
            case GATOS_CTRL -> {
                registers.set(r, now);
                if (now != 0) {
                    then.atosRequested();
                }
            }
            case EVENTQ_CONS -> {
                registers.set(r, now);
                then.eventsConsumed();
            }
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
                    GATOS_PAR -> {}
            case CR1,
                    CR2,
                    GERROR_IRQ_CFG0,
                    GERROR_IRQ_CFG1,
                    GERROR_IRQ_CFG2,
                    STRTAB_BASE,
                    STRTAB_BASE_CFG,
                    CMDQ_BASE,
                    CMDQ_CONS,
                    EVENTQ_BASE,
                    EVENTQ_IRQ_CFG0,
                    EVENTQ_IRQ_CFG1,
                    EVENTQ_IRQ_CFG2,
                    PRIQ_BASE,
                    PRIQ_IRQ_CFG0,
                    PRIQ_IRQ_CFG1,
                    PRIQ_IRQ_CFG2,
                    GATOS_SID,
                    GATOS_ADDR,
                    EVENTQ_PROD,
                    PRIQ_PROD,
                    PRIQ_CONS ->
                    registers.set(r, now);
        }
    }

    /// CR0: each field is Updated at once, which CR0ACK shows (6.3.9).
    private void cr0(long now) {
        long old = registers.get(SmmuRegister.CR0ACK);
        registers.set(SmmuRegister.CR0, now);
        registers.set(SmmuRegister.CR0ACK, now);
        long rising = now & ~old;
        if (((now ^ old) & Cr0.SMMUEN.mask()) != 0) {
            then.enabled(Cr0.SMMUEN.isSet(now));
        }
        if (Cr0.EVENTQEN.isSet(rising)) {
            then.eventQueueEnabled();
        }
        then.commandsWaiting();
    }

    /// GBPA changes only with Update = 1, which is clear again at once (6.3.14.1).
    private void gbpa(long now, long written) {
        if (!Gbpa.UPDATE.isSet(written)) {
            findings.add("GBPA_UPDATE", "6.3.14.1", "GBPA written without Update = 1");
            return;
        }
        registers.set(SmmuRegister.GBPA, now & ~Gbpa.UPDATE.mask());
        then.bypassChanged();
    }

    private void strict(SmmuRegister r, long old, long value, long allowed, long lanes) {
        if (!findings.strict()) {
            return;
        }
        long guarded = registers.implemented(r) & lanes & ~allowed;
        if (((old ^ value) & guarded) != 0) {
            findings.add(
                    "GUARDED",
                    "6.3",
                    r.specName() + " written while the enable that guards it is set");
        }
        String misaligned = Alignment.check(r, value);
        if (!misaligned.isEmpty()) {
            findings.add("ALIGNMENT", "6.3", misaligned);
        }
        long inactive =
                r == SmmuRegister.GERRORN
                        ? (value ^ old) & ~(registers.get(SmmuRegister.GERROR) ^ old) & allowed
                        : 0;
        if (inactive != 0) {
            findings.add("GERRORN", "6.3.20", "an error that is not active was acknowledged");
        }
    }

    /// The register at an offset; null where it is RES0.
    @Nullable SmmuRegister at(long offset) {
        return registers.at(offset);
    }
}
