package dev.belfry.bench;

import dev.belfry.model.smmu.Access;
import dev.belfry.model.smmu.CacheMode;
import dev.belfry.model.smmu.Smmu;
import dev.belfry.model.smmu.spec.Command;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/// One invalidation, and the translation that puts back what it removed, in a TLB that holds few or
/// many entries.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class InvalidationBenchmark {

    /// What is invalidated.
    public enum By {
        ADDRESS(new Command.TlbiNhVa(0, 1, Command.Span.of(SmmuRig.IOVA, true))),
        ASID(new Command.TlbiNhAsid(0, 1));

        private final Command command;

        By(Command command) {
            this.command = command;
        }
    }

    @Param({"16", "4096", "262144"})
    public int entries;

    @Param public By by = By.ADDRESS;

    private SmmuRig rig = new SmmuRig(new CacheMode.None());

    @Setup
    public void fill() {
        rig = SmmuRig.stage1(new CacheMode.Infinite(), entries);
        rig.fill(by.command);
        for (int i = 0; i < entries; i++) {
            translate((long) i << 12);
        }
    }

    private void translate(long offset) {
        rig.smmu.translate(SmmuRig.STREAM, Smmu.NO_SUBSTREAM, SmmuRig.IOVA + offset, Access.WRITE);
    }

    @Benchmark
    @OperationsPerInvocation(256)
    public long invalidate() {
        long consumer = 0;
        for (int i = 0; i < 256; i++) {
            consumer = rig.consume(1);
            translate(0);
        }
        return consumer;
    }
}
