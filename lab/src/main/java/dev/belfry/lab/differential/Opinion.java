package dev.belfry.lab.differential;

import static dev.belfry.lab.differential.OpinionRegisters.CMDQ_PROD;
import static dev.belfry.lab.differential.OpinionRegisters.CR0;
import static dev.belfry.lab.differential.OpinionRegisters.CR2;
import static dev.belfry.lab.differential.OpinionRegisters.GBPA;
import static dev.belfry.lab.differential.OpinionRegisters.GERRORN;

import dev.belfry.lab.differential.OpinionConfig.Half;
import dev.belfry.model.bits.Bits;
import dev.belfry.model.memory.PhysicalMemory;
import dev.belfry.model.smmu.SmmuIdentity;
import dev.belfry.model.smmu.spec.Command;
import dev.belfry.model.smmu.spec.EventRecord;
import dev.belfry.model.smmu.spec.EventRecord.Cause;
import dev.belfry.model.smmu.spec.EventRecord.Transaction;
import dev.belfry.model.smmu.spec.EventType;
import java.util.HashMap;
import java.util.Map;
import java.util.function.IntPredicate;

/// A second opinion on what an SMMU with QEMU's features does, written from IHI 0070 apart from the
/// model's engine. Without quirks it is the architecture's way, with those of a QEMU it is that
/// QEMU's, caches included.
final class Opinion {

    /// No output address.
    static final long NOWHERE = -1;

    private static final int SMMUEN = 0;
    private static final long ABORT = 1 << 20;
    private static final long RECINVSID = 2;

    private final SmmuIdentity id;
    private final PhysicalMemory memory;
    private final Quirks quirks;
    private final OpinionRegisters registers;
    private final OpinionQueues queues;
    private final Map<Integer, OpinionConfig> configs = new HashMap<>();
    private final OpinionTlb tlb = new OpinionTlb();
    private final OpinionTranslation translation;

    /// @param device which StreamIDs have a device
    Opinion(SmmuIdentity id, PhysicalMemory memory, Quirks quirks, IntPredicate device) {
        this.id = id;
        this.memory = memory;
        this.quirks = quirks;
        registers = new OpinionRegisters(id, quirks);
        queues = new OpinionQueues(id, registers, memory, quirks, device);
        translation = new OpinionTranslation(id, memory, quirks, tlb);
    }

    void write(int offset, int width, long value) {
        int register = registers.store(offset, width, value);
        if (register == CMDQ_PROD || register == CR0 || register == GERRORN) {
            queues.consume(this::invalidate);
        }
    }

    long read(int offset, int width) {
        return registers.read(offset, width);
    }

    private void invalidate(Command command) {
        boolean vmids = id.stage2();
        switch (command) {
            case Command.CfgiSte c -> configs.remove(c.streamId());
            case Command.CfgiSteRange c -> configs.keySet().removeIf(c::contains);
            case Command.CfgiCd c -> configs.remove(c.streamId());
            case Command.CfgiCdAll c -> configs.remove(c.streamId());
            case Command.TlbiNhAll c -> tlb.dropVmid(vmids ? c.vmid() : -1, vmids);
            case Command.TlbiNsnhAll c -> tlb.clear();
            case Command.TlbiNhAsid c -> tlb.dropAsid(c.asid(), vmids ? c.vmid() : -1);
            case Command.TlbiNhVa c -> tlb.drop(c.asid(), vmids ? c.vmid() : -1, c.span());
            case Command.TlbiNhVaa c -> tlb.drop(-1, vmids ? c.vmid() : -1, c.span());
            case Command.TlbiS12Vmall c -> tlb.dropVmid(c.vmid(), false);
            case Command.TlbiS2Ipa c -> tlb.dropIpa(c.vmid(), c.span());
            default -> {}
        }
    }

    /// Sends a transaction through.
    ///
    /// @return the output address, or [#NOWHERE]
    long translate(int sid, long address, boolean write) {
        if (!registers.enabled(SMMUEN)) {
            boolean abort = (registers.get(GBPA) & ABORT) != 0;
            return abort && !quirks.take(Quirk.GBPA_ABSENT) ? NOWHERE : address;
        }
        Transaction t = new Transaction(sid, -1, address, !write, false, false);
        OpinionConfig known = cached(sid);
        OpinionConfig config = known;
        if (config == null) {
            switch (new OpinionConfigs(id, registers, memory, quirks, translation).find(sid)) {
                case OpinionConfigs.Found.Fault f -> {
                    configurationFault(f, t);
                    return NOWHERE;
                }
                case OpinionConfigs.Found.Unreached u -> {
                    fault(u.stream(), u.fault(), t);
                    return NOWHERE;
                }
                case OpinionConfigs.Found.Config c -> config = c.config();
            }
            configs.put(sid, config);
        }
        return switch (config.kind()) {
            case ABORT -> NOWHERE;
            case BYPASS -> bypass(t);
            case TRANSLATE ->
                    config.stage1()
                            ? walk(config, t)
                            : settle(
                                    config,
                                    translation.stage2Only(config, address, write, Cause.IN),
                                    t);
        };
    }

    /// What QEMU has in its configuration cache.
    private @org.jspecify.annotations.Nullable OpinionConfig cached(int sid) {
        OpinionConfig config = quirks.has(Quirk.STALE_CONFIGURATION) ? configs.get(sid) : null;
        if (config != null) {
            Quirks again = quirks.fresh();
            OpinionTranslation walks = translation.afresh();
            OpinionConfigs.Found now =
                    new OpinionConfigs(id, registers, memory, again, walks).find(sid);
            if (!now.equals(new OpinionConfigs.Found.Config(config))) {
                boolean moved =
                        now instanceof OpinionConfigs.Found.Config c
                                && c.config().withStarts(config).equals(config);
                quirks.take(moved ? Quirk.START_TABLES_KEPT : Quirk.STALE_CONFIGURATION);
            }
            quirks.takeAll(again);
        }
        return config;
    }

    private long bypass(Transaction t) {
        if (Bits.fits(t.address(), id.oas()) || quirks.take(Quirk.BYPASS_SIZE_UNCHECKED)) {
            return t.address();
        }
        queues.record(EventRecord.stage1Fault(EventType.F_ADDR_SIZE, t));
        return NOWHERE;
    }

    private void configurationFault(OpinionConfigs.Found.Fault f, Transaction t) {
        switch (f.type()) {
            case C_BAD_STREAMID -> {
                boolean recorded = (registers.get(CR2) & RECINVSID) != 0;
                if (recorded || quirks.take(Quirk.BAD_STREAMID_ALWAYS_RECORDED)) {
                    queues.record(EventRecord.badStreamId(t));
                }
            }
            case F_STE_FETCH -> {
                EventRecord e = EventRecord.steFetch(t, f.address());
                // QEMU's address is one that a quirk of L1STD.L2Ptr has let through, if it is so
                // wide.
                queues.record(new EventRecord(e.w0(), e.w1(), e.w2(), f.address()));
            }
            case F_CD_FETCH -> {
                EventRecord e = EventRecord.cdFetch(t, f.address());
                boolean first = quirks.take(Quirk.CD_FETCH_ADDRESS_IN_WORDS_4_5);
                queues.record(first ? new EventRecord(e.w0(), e.w1(), e.w3(), 0) : e);
            }
            case C_BAD_CD -> queues.record(EventRecord.badCd(t));
            default -> queues.record(EventRecord.badSte(t));
        }
    }

    private long walk(OpinionConfig config, Transaction t) {
        boolean high = (t.address() >>> 55 & 1) != 0;
        Half half = high ? config.upper() : config.lower();
        boolean other = half.tbi() != half.tbi0() && quirks.take(Quirk.TBI1_TAKEN_FROM_TBI0);
        boolean tbi = other ? half.tbi0() : half.tbi();
        long va = tbi ? high ? t.address() << 8 >> 8 : t.address() << 8 >>> 8 : t.address();
        boolean inside = Bits.fits(high ? ~va : va, half.inputBits());
        if (!high && !(inside && half.enabled()) && config.upper().enabled()) {
            boolean fits = Bits.fits(va, config.upper().inputBits());
            if (fits && quirks.take(Quirk.TT1_FOR_LOW_ADDRESSES)) {
                half = config.upper();
                inside = true;
            }
        }
        return settle(
                config,
                inside
                        ? translation.stage1(config, half, va, !t.read())
                        : OpinionResult.Fault.stage1(EventType.F_TRANSLATION),
                t);
    }

    private long settle(OpinionConfig config, OpinionResult result, Transaction t) {
        return switch (result) {
            case OpinionResult.Leaf leaf -> leaf.pa();
            case OpinionResult.Fault f -> {
                fault(config, f, t);
                yield NOWHERE;
            }
        };
    }

    private void fault(OpinionConfig config, OpinionResult.Fault f, Transaction t) {
        boolean recorded =
                switch (f.recorded()) {
                    case ALWAYS -> true;
                    case CD_R -> config.record();
                    case STE_S2R -> config.stage2().record();
                    case NEVER -> false;
                };
        if (!recorded) {
            return;
        }
        EventRecord e = f.event(t);
        boolean zero = f.type() != EventType.F_WALK_EABT && quirks.take(Quirk.EVENT_CLASS_ZERO);
        queues.record(
                zero
                        ? new EventRecord(e.w0(), EventRecord.CLASS.set(e.w1(), 0), e.w2(), e.w3())
                        : e);
    }
}
