package dev.belfry.lab.differential;

import static dev.belfry.lab.differential.OpinionRegisters.STRTAB_BASE;
import static dev.belfry.lab.differential.OpinionRegisters.STRTAB_BASE_CFG;

import dev.belfry.lab.differential.OpinionConfig.Half;
import dev.belfry.lab.differential.OpinionConfig.Kind;
import dev.belfry.lab.differential.OpinionConfig.Stage2;
import dev.belfry.model.bits.Bits;
import dev.belfry.model.memory.PhysicalMemory;
import dev.belfry.model.smmu.SmmuIdentity;
import dev.belfry.model.smmu.spec.Cd;
import dev.belfry.model.smmu.spec.EventRecord.Cause;
import dev.belfry.model.smmu.spec.EventType;
import dev.belfry.model.smmu.spec.L1Std;
import dev.belfry.model.smmu.spec.Ste;

/// The way from StreamID to STE and CD (IHI 0070 3.3, 5.1, 5.2, 5.4).
final class OpinionConfigs {

    private static final int SID_BITS = 16;

    private final SmmuIdentity id;
    private final OpinionRegisters registers;
    private final PhysicalMemory memory;
    private final Quirks quirks;
    private final OpinionTranslation translation;

    /// @param translation for what stage 2 translates on the way
    OpinionConfigs(
            SmmuIdentity id,
            OpinionRegisters registers,
            PhysicalMemory memory,
            Quirks quirks,
            OpinionTranslation translation) {
        this.id = id;
        this.registers = registers;
        this.memory = memory;
        this.quirks = quirks;
        this.translation = translation;
    }

    /// A configuration, or why there is none.
    sealed interface Found {
        record Config(OpinionConfig config) implements Found {}

        /// @param address FetchAddr of aborted fetches
        record Fault(EventType type, long address) implements Found {}

        /// Stage 2 did not lead to the CD, or to a start table.
        ///
        /// @param stream as far as it is known
        record Unreached(OpinionConfig stream, OpinionResult.Fault fault) implements Found {}
    }

    Found find(int sid) {
        long cfg = registers.get(STRTAB_BASE_CFG);
        int log2 = (int) (cfg & 0x3f);
        long base = registers.get64(STRTAB_BASE) & 0x000f_ffff_ffff_ffc0L;
        if (!Bits.fits(sid, Math.min(log2, SID_BITS))) {
            return new Found.Fault(EventType.C_BAD_STREAMID, 0);
        }
        int split = (int) (cfg >>> 6 & 0x1f);
        boolean twoLevel = (cfg >>> 16 & 3) == 1;
        if (!twoLevel && registers.stickySplit() >= 0 && quirks.take(Quirk.STICKY_TWO_LEVEL)) {
            twoLevel = true;
            split = registers.stickySplit();
        }
        if (!twoLevel) {
            return ste(aligned(base, log2 + 6, log2 + 5) + (long) sid * Ste.BYTES);
        }
        long table = aligned(base, Math.max(6, log2 - split + 3), Math.max(5, log2 - split + 2));
        long at = table + (sid >>> split) * 8L;
        if (!memory.accepts(at, 8)) {
            return new Found.Fault(EventType.F_STE_FETCH, at);
        }
        return level2(new L1Std(memory.read(at, 8)), sid & (int) Bits.lowMask(split), split);
    }

    private long aligned(long base, int architecture, int qemu) {
        long right = Bits.alignDown(base, architecture);
        long theirs = Bits.alignDown(base, qemu);
        return right != theirs && quirks.take(Quirk.STREAM_TABLE_HALF_ALIGNED) ? theirs : right;
    }

    private Found level2(L1Std l1, int index, int split) {
        int span = l1.span();
        boolean tooBig = span > 11 || span > split + 1;
        if (span == 0 || (tooBig && !quirks.take(Quirk.L1STD_SPAN_UNCHECKED))) {
            return new Found.Fault(EventType.C_BAD_STREAMID, 0);
        }
        if (!Bits.fits(index, span - 1)) {
            if (!quirks.take(Quirk.L1STD_TWICE_THE_STES)) {
                return new Found.Fault(EventType.C_BAD_STREAMID, 0);
            }
            if (!Bits.fits(index, span)) {
                return new Found.Fault(EventType.C_BAD_STE, 0);
            }
        }
        return ste(array(l1) + (long) index * Ste.BYTES);
    }

    private long array(L1Std l1) {
        int size = 6 + l1.span() - 1;
        long right = Bits.alignDown(l1.l2Ptr(), size);
        long raw = Bits.alignDown(l1.word(), 5);
        if (right != raw && quirks.take(Quirk.L2PTR_UNALIGNED)) {
            return raw;
        }
        long wide = Bits.alignDown(l1.word(), size);
        return right != wide && quirks.take(Quirk.L2PTR_RESERVED_BITS_USED) ? wide : right;
    }

    private Found ste(long at) {
        if (!memory.accepts(at, Ste.BYTES)) {
            return new Found.Fault(EventType.F_STE_FETCH, at);
        }
        long w0 = memory.read(at, 8);
        long w1 = memory.read(at + 8, 8);
        int config = Ste.CONFIG.getInt(w0);
        Found bad = new Found.Fault(EventType.C_BAD_STE, 0);
        if (!Ste.V.isSet(w0)) {
            return bad;
        }
        if ((config & 4) == 0) {
            return new Found.Config(OpinionConfig.plain(Kind.ABORT));
        }
        if (config == 4) {
            return new Found.Config(OpinionConfig.plain(Kind.BYPASS));
        }
        OpinionSte reader = new OpinionSte(id, quirks);
        Stage2 stage2 = reader.stage2(w0, w1, memory.read(at + 16, 8), memory.read(at + 24, 8));
        if (stage2 == null || !reader.stage1(w0, w1, config)) {
            return bad;
        }
        int vmid = id.stage2() ? Ste.S2VMID.getInt(memory.read(at + 16, 8)) : -1;
        OpinionConfig alone = OpinionConfig.stage2Only(stage2, vmid, id.ias());
        return (config & 1) == 0 ? new Found.Config(alone) : context(alone, w0);
    }

    /// Stage 1 of a stream.
    private Found context(OpinionConfig alone, long w0) {
        boolean nested = alone.stage2().enabled();
        long pointer = Ste.S1CONTEXTPTR.inPlace(w0);
        if (!Bits.fits(pointer, 48) && quirks.take(Quirk.S1CONTEXTPTR_CUT_TO_48_BITS)) {
            pointer &= Bits.lowMask(48);
        }
        if (!Bits.fits(pointer, id.oas()) && !quirks.take(Quirk.S1CONTEXTPTR_UNCHECKED)) {
            return new Found.Fault(EventType.C_BAD_STE, 0);
        }
        if (!nested) {
            return cd(alone, pointer);
        }
        return switch (translation.table(alone, pointer, Cause.CD)) {
            case OpinionResult.Fault f -> new Found.Unreached(alone, f);
            case OpinionResult.Leaf leaf -> cd(alone, leaf.pa());
        };
    }

    private Found cd(OpinionConfig stream, long at) {
        if (!memory.accepts(at, Cd.BYTES)) {
            return new Found.Fault(EventType.F_CD_FETCH, at);
        }
        long w0 = memory.read(at, 8);
        boolean bad = !Cd.V.isSet(w0) || !Cd.AA64.isSet(w0) || !Cd.A.isSet(w0);
        bad |= Cd.S.isSet(w0) || Cd.HA.isSet(w0) || Cd.HD.isSet(w0);
        int ips = Math.min(bits(Cd.IPS.getInt(w0)), id.oas());
        Half lower = half(w0, memory.read(at + 8, 8), false);
        Half upper = half(w0, memory.read(at + 16, 8), true);
        bad |= Cd.ENDI.isSet(w0) && (lower.enabled() || upper.enabled());
        boolean early = stream.stage2().enabled() && quirks.has(Quirk.TABLE_START_TRANSLATED);
        if (bad || isBad(lower, ips) || (!early && isBad(upper, ips))) {
            return new Found.Fault(EventType.C_BAD_CD, 0);
        }
        OpinionConfig config =
                new OpinionConfig(
                        Kind.TRANSLATE,
                        true,
                        stream.stage2(),
                        stream.vmid(),
                        ips,
                        Cd.ASID.getInt(w0),
                        Cd.AFFD.isSet(w0),
                        Cd.R.isSet(w0),
                        lower,
                        upper);
        return early ? starts(config) : new Found.Config(config);
    }

    /// QEMU translates both start tables as it reads the CD, one half after the other.
    private Found starts(OpinionConfig config) {
        OpinionConfig out = config;
        for (int i = 0; i < 2; i++) {
            Half half = i == 0 ? config.lower() : config.upper();
            if (isBad(half, config.ips())) {
                return new Found.Fault(EventType.C_BAD_CD, 0);
            }
            if (!half.enabled()) {
                continue;
            }
            OpinionResult found = translation.table(config, half.ttb(), Cause.TT);
            if (found instanceof OpinionResult.Fault f) {
                quirks.take(Quirk.TABLE_START_TRANSLATED);
                return new Found.Unreached(config, f);
            }
            Half there = half.startingAt(((OpinionResult.Leaf) found).pa());
            out = i == 0 ? out.withHalves(there, out.upper()) : out.withHalves(out.lower(), there);
        }
        return new Found.Config(out);
    }

    private Half half(long w0, long word, boolean upper) {
        if ((upper ? Cd.EPD1 : Cd.EPD0).isSet(w0)) {
            return Half.NONE;
        }
        long ttb = Cd.TTB0.inPlace(word);
        if (!Bits.fits(ttb, 51) && quirks.take(Quirk.TTB_CUT_TO_51_BITS)) {
            ttb &= Bits.lowMask(51);
        }
        return new Half(
                true,
                (upper ? Cd.T1SZ : Cd.T0SZ).getInt(w0),
                upper ? granule1(Cd.TG1.getInt(w0)) : granule0(Cd.TG0.getInt(w0)),
                ttb,
                ttb,
                (upper ? Cd.HAD1 : Cd.HAD0).isSet(word),
                (upper ? Cd.TBI1 : Cd.TBI0).isSet(w0),
                Cd.TBI0.isSet(w0));
    }

    private static boolean isBad(Half half, int ips) {
        return half.enabled()
                && (half.txsz() < 16
                        || half.txsz() > 39
                        || half.granule() == 0
                        || !Bits.fits(half.ttb(), Math.min(48, ips)));
    }

    private static int granule0(int tg) {
        return tg == 0 ? 12 : tg == 1 ? 16 : tg == 2 ? 14 : 0;
    }

    private static int granule1(int tg) {
        return tg == 1 ? 14 : tg == 2 ? 12 : tg == 3 ? 16 : 0;
    }

    static int bits(int code) {
        return switch (code) {
            case 0 -> 32;
            case 1 -> 36;
            case 2 -> 40;
            case 3 -> 42;
            case 4 -> 44;
            case 5 -> 48;
            default -> 52;
        };
    }
}
