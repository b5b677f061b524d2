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
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/// A transaction whose translation the TLB holds, over working sets of different sizes.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class TranslationBenchmark {

    @Param({"1", "64", "4096", "65536"})
    public int pages;

    private Smmu smmu = SmmuRig.stage1(new CacheMode.Infinite(), 1).smmu;
    private int page;

    @Setup
    public void fill() {
        smmu = SmmuRig.stage1(new CacheMode.Infinite(), pages).smmu;
        for (int i = 0; i < pages; i++) {
            hit();
        }
        if (addressOnly() < 0) {
            throw new IllegalStateException("not in the TLB");
        }
    }

    private long next() {
        // A prime stride visits all pages, and none after its neighbour.
        page = page + 7919 & pages - 1;
        return SmmuRig.IOVA + ((long) page << 12) + 8;
    }

    @Benchmark
    public long addressOnly() {
        return smmu.translateCached(SmmuRig.STREAM, Smmu.NO_SUBSTREAM, next(), Access.WRITE);
    }

    @Benchmark
    public Translation hit() {
        return smmu.translate(SmmuRig.STREAM, Smmu.NO_SUBSTREAM, next(), Access.WRITE);
    }
}
