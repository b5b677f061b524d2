package dev.belfry.bench;

import dev.belfry.model.smmu.Access;
import dev.belfry.model.smmu.CacheMode;
import dev.belfry.model.smmu.Smmu;
import dev.belfry.model.smmu.Translation;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/// A transaction that the TLB does not know: 4,096 pages in turn through a TLB of 16 entries.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class WalkBenchmark {

    private static final int PAGES = 4096;

    private final Smmu one = SmmuRig.stage1(new CacheMode.Sized(16), PAGES).smmu;
    private final Smmu both = SmmuRig.nested(new CacheMode.Sized(16), PAGES).smmu;
    private final Smmu cacheless = SmmuRig.stage1(new CacheMode.None(), PAGES).smmu;
    private int page;

    private Translation walk(Smmu smmu) {
        page = page + 7919 & PAGES - 1;
        long address = SmmuRig.IOVA + ((long) page << 12) + 8;
        return smmu.translate(SmmuRig.STREAM, Smmu.NO_SUBSTREAM, address, Access.WRITE);
    }

    @Benchmark
    public Translation stage1() {
        return walk(one);
    }

    @Benchmark
    public Translation nested() {
        return walk(both);
    }

    /// Without any cache: the STE and the CD are read and decoded each time.
    @Benchmark
    public Translation stage1WithoutCaches() {
        return walk(cacheless);
    }
}
