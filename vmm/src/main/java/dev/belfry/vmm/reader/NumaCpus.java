package dev.belfry.vmm.reader;

import dev.belfry.vmm.cmdline.Params;
import dev.belfry.vmm.cmdline.Quantities;
import dev.belfry.vmm.machine.CpuTopology;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/// The CPUs that `-numa cpu` means by their place.
final class NumaCpus {

    /// Places that CPUs of the virt machine do not have, in the order in which QEMU asks for them.
    private static final List<String> NOT_HERE = List.of("module-id", "die-id");

    private NumaCpus() {}

    /// Those at that place, of CPUs 0 to `max` - 1.
    static IntStream meant(Params params, CpuTopology t, int max) {
        return IntStream.range(0, max)
                .filter(cpu -> {
                    int core = cpu / t.threads();
                    int cluster = core / t.cores();
                    return matches(params, "socket-id", cluster / t.clusters())
                            && matches(params, "cluster-id", cluster % t.clusters())
                            && matches(params, "core-id", core % t.cores())
                            && matches(params, "thread-id", cpu % t.threads());
                });
    }

    /// A part of the place that is not there.
    static Optional<String> notHere(Params params) {
        return NOT_HERE.stream().filter(params::has).findFirst();
    }

    private static boolean matches(Params params, String key, int value) {
        return !params.has(key) || Quantities.number(params.get(key, "")).orElse(-1) == value;
    }
}
