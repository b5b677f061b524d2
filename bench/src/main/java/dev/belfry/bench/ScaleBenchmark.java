package dev.belfry.bench;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/// 4,096 devices with 2,048 vectors each behind one ITS: 8,388,608 MAPTI commands, and one message
/// of each vector.
@State(Scope.Thread)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
public class ScaleBenchmark {

    private static final int DEVICES = 4096;
    private static final int VECTORS = 2048;

    @Benchmark
    public GicRig platform() {
        GicRig rig = new GicRig("physical", DEVICES, VECTORS);
        for (int device = 0; device < DEVICES; device++) {
            for (int event = 0; event < VECTORS; event++) {
                rig.send(rig.map, device, event);
            }
            rig.check(device, VECTORS - 1);
        }
        return rig;
    }
}
