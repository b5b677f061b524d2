package dev.belfry.lab.differential;

import dev.belfry.lab.differential.OpinionConfig.Stage2;
import dev.belfry.lab.differential.OpinionResult.Fault;
import dev.belfry.lab.differential.OpinionResult.Leaf;
import dev.belfry.lab.differential.OpinionResult.Recorded;
import dev.belfry.lab.differential.OpinionResult.Whole;
import dev.belfry.model.bits.Bits;
import dev.belfry.model.memory.PhysicalMemory;
import dev.belfry.model.smmu.SmmuIdentity;
import dev.belfry.model.smmu.spec.Descriptor;
import dev.belfry.model.smmu.spec.EventRecord.Cause;
import dev.belfry.model.smmu.spec.EventType;

/// A stage 2 walk (Arm ARM D8; IHI 0070 5.2, 7.3.12 to 7.3.16, 7.3.22).
final class OpinionStage2 {

    private static final int LAST = 3;
    private static final int READ = 1;
    private static final int WRITE = 2;
    private static final long PAGE = 0xfff;

    private final SmmuIdentity id;
    private final PhysicalMemory memory;
    private final Quirks quirks;

    OpinionStage2(SmmuIdentity id, PhysicalMemory memory, Quirks quirks) {
        this.id = id;
        this.memory = memory;
        this.quirks = quirks;
    }

    /// Something that translates IPAs: a walk, or a TLB in front of one.
    @FunctionalInterface
    interface Reader {
        /// @param cause what the IPA is of
        OpinionResult read(Stage2 config, long ipa, boolean write, Cause cause);
    }

    OpinionResult walk(Stage2 config, long ipa, boolean write, Cause cause) {
        if (!Bits.fits(ipa, config.inputBits())) {
            return fault(EventType.F_TRANSLATION, ipa, cause);
        }
        int level = config.level();
        long at = first(config, ipa);
        if (at == Opinion.NOWHERE) {
            return fault(EventType.F_TRANSLATION, ipa, cause);
        }
        while (true) {
            if (!memory.accepts(at, 8)) {
                return abort(at, cause);
            }
            long d = memory.read(at, 8);
            boolean tableBit = (d & 2) != 0;
            if ((d & 1) == 0 || (level == LAST && !tableBit)) {
                return fault(EventType.F_TRANSLATION, ipa, cause);
            }
            long out = new Descriptor(d).address(config.granule(), false);
            if (level == LAST || !tableBit) {
                return leaf(config, ipa, write, cause, d, level, out);
            }
            if (!Bits.fits(out, config.ps()) && !quirks.take(Quirk.TABLE_SIZE_UNCHECKED)) {
                return fault(EventType.F_ADDR_SIZE, ipa, cause);
            }
            level++;
            int shift = shift(config, level);
            at = out + (ipa >>> shift << 3 & Bits.lowMask(config.granule()));
        }
    }

    static int shift(Stage2 config, int level) {
        return config.granule() + (LAST - level) * (config.granule() - 3);
    }

    /// Where the first descriptor is.
    private long first(Stage2 config, long ipa) {
        int shift = shift(config, config.level());
        int index = config.inputBits() - shift;
        long base = config.ttb() & Bits.lowMask(config.ps());
        long theirs = theirs(config, ipa, base, index + 3);
        if (index < 1) {
            // Only QEMU comes here.
            return theirs;
        }
        long right = Bits.alignDown(base, index + 3) + ((ipa >>> shift & Bits.lowMask(index)) << 3);
        boolean first = right != theirs && quirks.take(Quirk.CONCATENATED_TABLES_BEYOND_THE_FIRST);
        return first ? theirs : right;
    }

    private static long theirs(Stage2 config, long ipa, long base, int bits) {
        int stride = config.granule() - 3;
        int shift = shift(config, config.level());
        long table = ipa >>> (shift + stride);
        long mask = bits < 0 ? -1L : (1L << bits) - 1;
        long start = (base + (table << config.granule())) & ~mask;
        // Where its arithmetic gives nothing but zero there is a flash, all zeros.
        return start == 0 ? Opinion.NOWHERE : start + ((ipa >>> shift & Bits.lowMask(stride)) << 3);
    }

    private OpinionResult leaf(
            Stage2 config, long ipa, boolean write, Cause cause, long d, int level, long out) {
        int granule = config.granule();
        int least = granule == 12 ? 1 : granule == 16 && id.oas() == 52 ? 1 : 2;
        if (level < least && !quirks.take(Quirk.BLOCK_AT_ANY_LEVEL)) {
            return fault(EventType.F_TRANSLATION, ipa, cause);
        }
        boolean tooFar = !Bits.fits(out, config.ps());
        if (tooFar && !quirks.take(Quirk.OUTPUT_SIZE_CHECKED_LAST)) {
            return fault(EventType.F_ADDR_SIZE, ipa, cause);
        }
        if (!Descriptor.AF.isSet(d) && !config.affd()) {
            return fault(EventType.F_ACCESS, ipa, cause);
        }
        int perms = Descriptor.S2AP.getInt(d);
        boolean device =
                cause != Cause.IN && config.ptw() && (Descriptor.MEMATTR.get(d) & 0xc) == 0;
        if ((perms & (write ? WRITE : READ)) == 0
                || (device && !quirks.take(Quirk.S2PTW_IGNORED))) {
            return fault(EventType.F_PERMISSION, ipa, cause);
        }
        if (tooFar) {
            return fault(EventType.F_ADDR_SIZE, ipa, cause);
        }
        int bits = shift(config, level);
        long pa = Bits.alignDown(out, bits) | (ipa & Bits.lowMask(bits));
        return new Leaf(
                pa, bits, level, granule, perms, perms, new Whole(bits, level, granule, false));
    }

    private Fault fault(EventType type, long ipa, Cause cause) {
        boolean ttrnw =
                type == EventType.F_PERMISSION
                        && cause == Cause.TT
                        && !quirks.take(Quirk.TTRNW_NEVER_SET);
        boolean whole = (ipa & PAGE) != 0 && quirks.take(Quirk.IPA_WITH_OFFSET);
        return new Fault(
                type,
                true,
                cause,
                whole ? ipa : ipa & ~PAGE,
                false,
                ttrnw,
                Recorded.STE_S2R,
                false);
    }

    private static Fault abort(long at, Cause cause) {
        return new Fault(
                EventType.F_WALK_EABT, true, cause, at, false, false, Recorded.ALWAYS, false);
    }
}
