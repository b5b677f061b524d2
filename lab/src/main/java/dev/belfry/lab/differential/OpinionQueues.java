package dev.belfry.lab.differential;

import static dev.belfry.lab.differential.OpinionRegisters.CMDQ_BASE;
import static dev.belfry.lab.differential.OpinionRegisters.CMDQ_CONS;
import static dev.belfry.lab.differential.OpinionRegisters.CMDQ_PROD;
import static dev.belfry.lab.differential.OpinionRegisters.EVENTQ_BASE;
import static dev.belfry.lab.differential.OpinionRegisters.EVENTQ_CONS;
import static dev.belfry.lab.differential.OpinionRegisters.EVENTQ_PROD;
import static dev.belfry.lab.differential.OpinionRegisters.GERROR;
import static dev.belfry.lab.differential.OpinionRegisters.GERRORN;

import dev.belfry.model.bits.Bits;
import dev.belfry.model.memory.PhysicalMemory;
import dev.belfry.model.smmu.SmmuIdentity;
import dev.belfry.model.smmu.spec.Command;
import dev.belfry.model.smmu.spec.EventRecord;
import dev.belfry.model.smmu.spec.SmmuRegister.Idr0;
import java.util.function.Consumer;
import java.util.function.IntPredicate;

/// Command and Event queue, and the errors they raise (IHI 0070 3.5, 4.1, 7.1, 7.2, 7.4).
final class OpinionQueues {

    private static final int EVENTQEN = 2;
    private static final int CMDQEN = 3;
    private static final long CMDQ_ERR = 1;
    private static final long EVENTQ_ABT_ERR = 1 << 2;
    private static final long OVERFLOW = 1L << 31;
    private static final int ILL = 1;
    private static final int ABT = 2;
    private static final int MAX_LOG2 = 19;
    private static final int COMMAND_BITS = 4;
    private static final int EVENT_BITS = 5;

    /// The address bits of a base register that QEMU looks at.
    private static final long QEMU_BASE = 0x000f_ffff_ffff_ffc0L;

    /// ADDR of a queue's base register.
    private static final long ADDR = 0x000f_ffff_ffff_ffe0L;

    private final SmmuIdentity id;
    private final OpinionRegisters registers;
    private final PhysicalMemory memory;
    private final Quirks quirks;
    private final IntPredicate device;

    /// @param device which StreamIDs a QEMU knows: those of its PCI devices
    OpinionQueues(
            SmmuIdentity id,
            OpinionRegisters registers,
            PhysicalMemory memory,
            Quirks quirks,
            IntPredicate device) {
        this.id = id;
        this.device = device;
        this.registers = registers;
        this.memory = memory;
        this.quirks = quirks;
    }

    private boolean active(long error) {
        return ((registers.get(GERROR) ^ registers.get(GERRORN)) & error) != 0;
    }

    private void raise(long error) {
        if (!active(error)) {
            registers.set(GERROR, registers.get(GERROR) ^ error);
        }
    }

    private int log2(int base) {
        return Math.min((int) (registers.get64(base) & 0x1f), MAX_LOG2);
    }

    private long entry(int base, int entryBits, long index) {
        int size = log2(base);
        long raw = registers.get64(base);
        long aligned = Bits.alignDown(raw & ADDR, size + entryBits);
        long start =
                aligned != (raw & QEMU_BASE) && quirks.take(Quirk.QUEUE_BASE_UNALIGNED)
                        ? raw & QEMU_BASE
                        : aligned;
        return start + ((index & Bits.lowMask(size)) << entryBits);
    }

    /// Consumes commands as far as possible.
    void consume(Consumer<Command> then) {
        if (!registers.enabled(CMDQEN)) {
            return;
        }
        long mask = Bits.lowMask(log2(CMDQ_BASE) + 1);
        while (!active(CMDQ_ERR)) {
            long cons = registers.get(CMDQ_CONS);
            if (((registers.get(CMDQ_PROD) ^ cons) & mask) == 0) {
                return;
            }
            long at = entry(CMDQ_BASE, COMMAND_BITS, cons);
            Command command = Command.decode(memory.read(at, 8), memory.read(at + 8, 8));
            int error = memory.accepts(at, Command.BYTES) ? illegal(command) ? ILL : 0 : ABT;
            if (error != 0) {
                registers.set(CMDQ_CONS, (cons & 0x80ff_ffffL) | (long) error << 24);
                raise(CMDQ_ERR);
                return;
            }
            registers.set(CMDQ_CONS, (cons & ~mask) | (cons + 1 & mask));
            then.accept(command);
        }
    }

    private boolean illegal(Command command) {
        return switch (command) {
            case Command.Unknown c -> true;
            case Command.CfgiVmsPidm c -> true;
            case Command.CfgiSte c -> c.ssec();
            case Command.CfgiSteRange c -> c.ssec();
            case Command.CfgiCd c -> c.ssec() || stage1Absent(c.streamId());
            case Command.CfgiCdAll c -> c.ssec() || stage1Absent(c.streamId());
            case Command.PrefetchConfig c -> prefetch(c.ssec());
            case Command.PrefetchAddr c -> prefetch(c.ssec());
            case Command.Sync c -> c.cs() == 3 && !quirks.take(Quirk.SYNC_CS_3_IGNORED);
            case Command.TlbiNhAll c -> !id.stage1();
            case Command.TlbiNhAsid c -> !id.stage1();
            case Command.TlbiNhVa c -> !id.stage1() || reserved(c.span());
            case Command.TlbiNhVaa c -> !id.stage1() || reserved(c.span());
            case Command.TlbiNsnhAll c -> false;
            case Command.TlbiS12Vmall c -> stage2Absent();
            case Command.TlbiS2Ipa c -> id.stage2() ? reserved(c.span()) : stage2Absent();
            case Command.AtcInv c -> absent(!id.has0(Idr0.ATS));
            case Command.PriResp c -> absent(!id.has0(Idr0.PRI));
            case Command.Resume c -> absent(id.stallModel() == 1);
            case Command.StallTerm c -> absent(id.stallModel() == 1);
            case Command.TlbiEl3All c -> absent(true);
            case Command.TlbiEl3Va c -> absent(true);
            case Command.TlbiEl2All c -> absent(!id.has0(Idr0.HYP));
            case Command.TlbiEl2Asid c -> absent(!id.has0(Idr0.HYP));
            case Command.TlbiEl2Va c -> absent(!id.has0(Idr0.HYP));
            case Command.TlbiEl2Vaa c -> absent(!id.has0(Idr0.HYP));
        };
    }

    private boolean prefetch(boolean ssec) {
        return ssec && !quirks.take(Quirk.SSEC_IN_PREFETCH_IGNORED);
    }

    private boolean stage1Absent(int streamId) {
        return !id.stage1()
                && !quirks.take(Quirk.ABSENT_STAGE_1_COMMANDS_IGNORED)
                && (device.test(streamId) || !quirks.take(Quirk.CFGI_CD_OF_NO_DEVICE_IGNORED));
    }

    private boolean stage2Absent() {
        return !id.stage2() && !quirks.take(Quirk.ABSENT_STAGE_2_COMMANDS_IGNORED);
    }

    private boolean absent(boolean feature) {
        return feature && !quirks.take(Quirk.ABSENT_FEATURES_COMMANDS_IGNORED);
    }

    /// TG without anything that it would count for is Reserved (4.4.1.1).
    private boolean reserved(Command.Span span) {
        return span.tg() != 0
                && span.num() == 0
                && span.scale() == 0
                && span.ttl() == 0
                && !quirks.take(Quirk.TLBI_RESERVED_TG_IGNORED);
    }

    /// Records an event.
    void record(EventRecord event) {
        if (!registers.enabled(EVENTQEN)) {
            return;
        }
        if (active(EVENTQ_ABT_ERR) && !quirks.take(Quirk.EVENTQ_ABORT_DOES_NOT_STOP)) {
            return;
        }
        long prod = registers.get(EVENTQ_PROD);
        int size = log2(EVENTQ_BASE);
        long mask = Bits.lowMask(size + 1);
        if (((prod ^ registers.get(EVENTQ_CONS)) & mask) == 1L << size) {
            overflow(prod);
            return;
        }
        long at = entry(EVENTQ_BASE, EVENT_BITS, prod);
        if (!memory.accepts(at, EventRecord.BYTES)) {
            raise(EVENTQ_ABT_ERR);
            return;
        }
        memory.write(at, 8, event.w0());
        memory.write(at + 8, 8, event.w1());
        memory.write(at + 16, 8, event.w2());
        memory.write(at + 24, 8, event.w3());
        registers.set(EVENTQ_PROD, (prod & OVERFLOW) | (prod + 1 & mask));
    }

    private void overflow(long prod) {
        if (quirks.take(Quirk.EVENTQ_FULL_IS_AN_ABORT)) {
            raise(EVENTQ_ABT_ERR);
        } else if (((prod ^ registers.get(EVENTQ_CONS)) & OVERFLOW) == 0) {
            registers.set(EVENTQ_PROD, prod ^ OVERFLOW);
        }
    }
}
