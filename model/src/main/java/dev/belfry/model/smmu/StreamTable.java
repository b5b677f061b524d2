package dev.belfry.model.smmu;

import dev.belfry.model.bits.Bits;
import dev.belfry.model.bits.Hex;
import dev.belfry.model.journey.Bytes;
import dev.belfry.model.journey.HopKind;
import dev.belfry.model.journey.Observation;
import dev.belfry.model.journey.Probe;
import dev.belfry.model.memory.PhysicalMemory;
import dev.belfry.model.smmu.spec.EventType;
import dev.belfry.model.smmu.spec.L1Std;
import dev.belfry.model.smmu.spec.SmmuRegister;
import dev.belfry.model.smmu.spec.SmmuRegister.StrtabBase;
import dev.belfry.model.smmu.spec.SmmuRegister.StrtabBaseCfg;
import dev.belfry.model.smmu.spec.Ste;
import org.jspecify.annotations.Nullable;

/// Finds the STE of a StreamID in a linear or 2-level Stream table (IHI 0070 3.3.1, 6.3.24,
/// 6.3.25).
final class StreamTable {

    private final SmmuIdentity id;
    private final RegisterFile registers;
    private final PhysicalMemory memory;

    StreamTable(SmmuIdentity id, RegisterFile registers, PhysicalMemory memory) {
        this.id = id;
        this.registers = registers;
        this.memory = memory;
    }

    /// An STE, or why there is none.
    sealed interface Result {
        /// @param address where it was read
        record Found(Ste ste, long address) implements Result {}

        record Missing(Fault fault) implements Result {}
    }

    /// Level 1 descriptors that a cache keeps.
    interface Level1Cache {
        Level1Cache NONE = new Level1Cache() {};

        /// The cached word, or null.
        default @Nullable Long level1(int index) {
            return null;
        }

        /// @param usable whether the descriptor points to something
        default void putLevel1(int index, long word, boolean usable) {}
    }

    /// log2 of the number of StreamIDs in use.
    int log2Size() {
        int size = StrtabBaseCfg.LOG2SIZE.getInt(registers.get(SmmuRegister.STRTAB_BASE_CFG));
        return Math.min(size, id.sidSize());
    }

    /// Whether the table has two levels.
    boolean twoLevel() {
        return StrtabBaseCfg.FMT.getInt(registers.get(SmmuRegister.STRTAB_BASE_CFG)) == 1;
    }

    /// StreamID bits of the second level: 6, 8 or 10; any other value counts as 6.
    int split() {
        int split = StrtabBaseCfg.SPLIT.getInt(registers.get(SmmuRegister.STRTAB_BASE_CFG));
        return split == 8 || split == 10 ? split : 6;
    }

    /// Reads the STE of `sid`.
    Result read(int sid, Level1Cache cache, Probe probe) {
        int log2 = log2Size();
        long base = StrtabBase.ADDR.inPlace(registers.get(SmmuRegister.STRTAB_BASE));
        long stream = sid & 0xffff_ffffL;
        if (!Bits.fits(stream, log2)) {
            return missing(
                    probe,
                    null,
                    EventType.C_BAD_STREAMID,
                    base,
                    "StreamID "
                            + Hex.of(stream)
                            + " >= 2^"
                            + log2
                            + " (STRTAB_BASE_CFG.LOG2SIZE): C_BAD_STREAMID (IHI 0070 7.3.3)");
        }
        if (!twoLevel()) {
            long table = Bits.alignDown(base, log2 + 6);
            if (probe.on()) {
                probe.observe(
                        tableHop(log2)
                                .address(table)
                                .ok("StreamID within the linear table (IHI 0070 6.3.25)"));
            }
            return ste(table + stream * Ste.BYTES, probe);
        }
        return secondLevel(stream, base, log2, cache, probe);
    }

    private Result secondLevel(long stream, long base, int log2, Level1Cache cache, Probe probe) {
        int split = split();
        int index = (int) (stream >>> split);
        long at = Bits.alignDown(base, Math.max(6, log2 - split + 3)) + (long) index * L1Std.BYTES;
        Long known = probe.on() ? null : cache.level1(index);
        long word = known == null ? memory.read(at, 8) : known;
        boolean answered = Bits.fits(at, id.oas()) && (word != 0 || memory.accepts(at, 8));
        if (known == null && !answered) {
            return missing(
                    probe,
                    null,
                    EventType.F_STE_FETCH,
                    at,
                    "Nothing answers where the L1STD should be: F_STE_FETCH (IHI 0070 7.3.4)");
        }
        L1Std l1 = new L1Std(word);
        String bad = spanFault(l1.span(), split, stream);
        cache.putLevel1(index, word, bad.isEmpty());
        if (!bad.isEmpty()) {
            return missing(probe, l1, EventType.C_BAD_STREAMID, at, bad);
        }
        if (probe.on()) {
            probe.observe(
                    tableHop(log2)
                            .read(at, Bytes.ofWords(word))
                            .fields(l1.fields())
                            .ok("L1STD.Span covers the StreamID (IHI 0070 5.1)"));
        }
        long array = Bits.alignDown(l1.l2Ptr(), 6 + l1.span() - 1);
        return ste(array + (stream & Bits.lowMask(split)) * Ste.BYTES, probe);
    }

    private static String spanFault(int span, int split, long stream) {
        if (span == 0) {
            return "L1STD.Span = 0: C_BAD_STREAMID (IHI 0070 5.1)";
        }
        if (span > 11) {
            return "L1STD.Span is Reserved: C_BAD_STREAMID (IHI 0070 7.3.3)";
        }
        if (span > split + 1) {
            return "L1STD.Span > SPLIT + 1: C_BAD_STREAMID (IHI 0070 7.3.3)";
        }
        if (!Bits.fits(stream & Bits.lowMask(split), span - 1)) {
            return "StreamID beyond the 2^(Span-1) STEs: C_BAD_STREAMID (IHI 0070 7.3.3)";
        }
        return "";
    }

    private Result ste(long at, Probe probe) {
        if (!memory.accepts(at, Ste.BYTES) || !Bits.fits(at, id.oas())) {
            String rule = "Nothing answers where the STE should be: F_STE_FETCH (IHI 0070 7.3.4)";
            if (probe.on()) {
                probe.observe(Observation.of(HopKind.STE).address(at).broken(rule));
            }
            return new Result.Missing(Fault.configuration(EventType.F_STE_FETCH, at, rule));
        }
        return new Result.Found(
                new Ste(
                        memory.read(at, 8),
                        memory.read(at + 8, 8),
                        memory.read(at + 16, 8),
                        memory.read(at + 24, 8),
                        memory.read(at + 32, 8),
                        memory.read(at + 40, 8),
                        memory.read(at + 48, 8),
                        memory.read(at + 56, 8)),
                at);
    }

    private Result missing(
            Probe probe, @Nullable L1Std read, EventType type, long at, String rule) {
        if (probe.on()) {
            Observation.Builder hop = tableHop(log2Size()).address(at);
            if (read != null) {
                hop.read(at, Bytes.ofWords(read.word())).fields(read.fields());
            }
            probe.observe(hop.broken(rule));
        }
        return new Result.Missing(Fault.configuration(type, at, rule));
    }

    private Observation.Builder tableHop(int log2) {
        Observation.Builder hop =
                Observation.of(HopKind.STREAM_TABLE)
                        .field("FMT", twoLevel() ? 1 : 0)
                        .field("LOG2SIZE", log2);
        return twoLevel() ? hop.field("SPLIT", split()) : hop;
    }
}
