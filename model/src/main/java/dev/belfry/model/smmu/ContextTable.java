package dev.belfry.model.smmu;

import dev.belfry.model.bits.Bits;
import dev.belfry.model.journey.Bytes;
import dev.belfry.model.journey.HopKind;
import dev.belfry.model.journey.Observation;
import dev.belfry.model.journey.Probe;
import dev.belfry.model.memory.PhysicalMemory;
import dev.belfry.model.smmu.spec.Cd;
import dev.belfry.model.smmu.spec.EventType;
import dev.belfry.model.smmu.spec.L1Cd;

/// Finds a CD: one, in a linear table, or in a 2-level table; through stage 2 when that translates
/// (IHI 0070 3.3.2, 5.2 S1Fmt, 5.3).
final class ContextTable {

    private final SmmuIdentity id;
    private final PhysicalMemory memory;
    private final Walker walker;

    ContextTable(SmmuIdentity id, PhysicalMemory memory, Walker walker) {
        this.id = id;
        this.memory = memory;
        this.walker = walker;
    }

    /// A CD, or why there is none.
    sealed interface Result {
        /// @param address physical address where it was read
        record Found(Cd cd, long address) implements Result {}

        record Missing(Fault fault) implements Result {}
    }

    /// SubstreamID bits below an L1CD.
    static int split(StreamConfig stream) {
        return stream.cdFormat() == 1 ? 6 : 10;
    }

    /// Reads CD number `index`. The walker has begun.
    ///
    /// @param index below 2^S1CDMax
    Result read(StreamConfig stream, int index, StreamTable.Level1Cache cache, Probe probe) {
        long base = stream.ste().s1ContextPtr();
        if (stream.cdFormat() == 0) {
            long table = Bits.alignDown(base, 6 + stream.cdMax());
            return cd(stream, table + (long) index * Cd.BYTES, probe);
        }
        int split = split(stream);
        int first = index >>> split;
        long table = Bits.alignDown(base, Math.max(6, stream.cdMax() - split + 3));
        Long known = probe.on() ? null : cache.level1(first);
        long word;
        if (known != null) {
            word = known;
        } else {
            long at = table + (long) first * L1Cd.BYTES;
            if (stream.stage2()) {
                if (!walker.fetch(stream, at)) {
                    return new Result.Missing(walker.fault());
                }
                at = walker.fetched();
            }
            word = memory.read(at, 8);
            if (word == 0 && !memory.accepts(at, 8)) {
                return abort(HopKind.CD_TABLE, at, probe);
            }
            observe(stream, at, new L1Cd(word), probe);
        }
        String bad = wrong(stream, new L1Cd(word));
        cache.putLevel1(first, word, bad.isEmpty());
        if (!bad.isEmpty()) {
            return new Result.Missing(Fault.configuration(EventType.C_BAD_SUBSTREAMID, index, bad));
        }
        long leaf = Bits.alignDown(new L1Cd(word).l2Ptr(), split + 6);
        return cd(stream, leaf + (index & Bits.lowMask(split)) * Cd.BYTES, probe);
    }

    /// What is wrong with an L1CD; empty for nothing.
    private String wrong(StreamConfig stream, L1Cd l1) {
        if (!l1.valid()) {
            return "L1CD.V = 0: C_BAD_SUBSTREAMID (IHI 0070 7.3.9)";
        }
        return Bits.fits(l1.l2Ptr(), stream.stage2() ? id.ias() : id.oas())
                ? ""
                : "L1CD.L2Ptr is out of range: C_BAD_SUBSTREAMID (IHI 0070 3.4.3)";
    }

    private void observe(StreamConfig stream, long at, L1Cd l1, Probe probe) {
        if (probe.on()) {
            String bad = wrong(stream, l1);
            Observation.Builder hop =
                    Observation.of(HopKind.CD_TABLE)
                            .read(at, Bytes.ofWords(l1.word()))
                            .fields(l1.fields());
            probe.observe(bad.isEmpty() ? hop.ok("L1CD.V = 1 (IHI 0070 5.3)") : hop.broken(bad));
        }
    }

    private Result cd(StreamConfig stream, long address, Probe probe) {
        long at = address;
        if (stream.stage2()) {
            if (!walker.fetch(stream, address)) {
                return new Result.Missing(walker.fault());
            }
            at = walker.fetched();
        }
        if (!memory.accepts(at, Cd.BYTES)) {
            return abort(HopKind.CD, at, probe);
        }
        return new Result.Found(
                new Cd(
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

    private static Result abort(HopKind kind, long at, Probe probe) {
        String rule = "Nothing answers where the CD should be: F_CD_FETCH (IHI 0070 7.3.10)";
        if (probe.on()) {
            probe.observe(Observation.of(kind).address(at).broken(rule));
        }
        return new Result.Missing(Fault.configuration(EventType.F_CD_FETCH, at, rule));
    }
}
