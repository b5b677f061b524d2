package dev.belfry.bench;

import dev.belfry.model.smmu.CacheMode;
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

/// A full Command queue of 65,536 entries, drained by one write of CMDQ_PROD; time a command.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class CommandBenchmark {

    /// What the queue is full of.
    public enum Kind {
        SYNC(new Command.Sync(0, 0, 0, 0, 0)),
        TLBI_NH_ASID(new Command.TlbiNhAsid(0, 5)),
        TLBI_NH_VA(new Command.TlbiNhVa(0, 1, Command.Span.of(0x1000, true))),
        CFGI_CD(new Command.CfgiCd(7, false, 0, true));

        private final Command command;

        Kind(Command command) {
            this.command = command;
        }
    }

    @Param public Kind kind = Kind.SYNC;

    private final SmmuRig rig = SmmuRig.stage1(new CacheMode.Infinite(), 1);

    @Setup
    public void fill() {
        rig.fill(kind.command);
    }

    @Benchmark
    @OperationsPerInvocation(SmmuRig.COMMANDS)
    public long drain() {
        return rig.consume(SmmuRig.COMMANDS);
    }
}
