package dev.belfry.bench;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/// A message of a device with 2,048 vectors, all in turn.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class MessageBenchmark {

    private static final int VECTORS = 2048;

    @Param({"physical", "kvm", "qemu-tcg"})
    public String its = "physical";

    private GicRig rig = new GicRig("physical", 1, 1);
    private int event;

    @Setup
    public void build() {
        rig = new GicRig(its, 1, VECTORS);
        for (int i = 0; i < VECTORS; i++) {
            pend();
        }
        rig.check(0, VECTORS - 1);
    }

    private int next() {
        event = event + 1 & VECTORS - 1;
        return event;
    }

    /// The write arrives at GITS_TRANSLATER and the LPI is pending.
    @Benchmark
    public boolean pend() {
        return rig.send(rig.map, 0, next());
    }

    /// The same, and a CPU takes the interrupt and ends it.
    @Benchmark
    public int pendAndTake() {
        rig.send(rig.map, 0, next());
        int intid = rig.gic.acknowledge(0);
        rig.gic.endOfInterrupt(0, intid);
        return intid;
    }
}
