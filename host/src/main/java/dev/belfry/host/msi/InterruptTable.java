package dev.belfry.host.msi;

import dev.belfry.kernel.Machine;
import dev.belfry.model.journey.HopKind;
import dev.belfry.model.journey.Observation;
import dev.belfry.model.journey.Probe;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Who handles which interrupt of the host (`request_irq`), and the taking of interrupts.
public final class InterruptTable {

    private static final int FIRST_SPECIAL = 1020;
    private static final int LAST_SPECIAL = 1023;

    /// Whatever a device does, a CPU takes no more than this at once.
    private static final int MOST_AT_ONCE = 4096;

    private final Machine machine;
    private final Probe probe;
    private final Map<Integer, List<Runnable>> handlers = new HashMap<>();
    private long taken;

    public InterruptTable(Machine machine, Probe probe) {
        this.machine = machine;
        this.probe = probe;
    }

    /// `request_irq`.
    public void request(int intid, Runnable handler) {
        handlers.put(intid, List.of(handler));
    }

    /// `free_irq`.
    public void free(int intid) {
        handlers.remove(intid);
    }

    /// `request_irq` with `IRQF_SHARED`: each handler looks whether its device means it.
    public void share(int intid, Runnable handler) {
        List<Runnable> all = new ArrayList<>(handlers.getOrDefault(intid, List.of()));
        all.add(handler);
        handlers.put(intid, List.copyOf(all));
    }

    /// `free_irq` of one of those that share it.
    ///
    /// @return whether nobody is left
    public boolean leave(int intid, Runnable handler) {
        List<Runnable> all = new ArrayList<>(handlers.getOrDefault(intid, List.of()));
        all.remove(handler);
        handlers.put(intid, List.copyOf(all));
        return all.isEmpty();
    }

    /// How many interrupts were taken.
    public long taken() {
        return taken;
    }

    /// Every CPU takes what is pending.
    public void takeAll() {
        for (int cpu = 0; cpu < machine.cpus(); cpu++) {
            for (int n = 0; n < MOST_AT_ONCE; n++) {
                int intid = machine.acknowledge(cpu);
                if (intid >= FIRST_SPECIAL && intid <= LAST_SPECIAL) {
                    break;
                }
                take(cpu, intid);
            }
        }
    }

    private void take(int cpu, int intid) {
        taken++;
        List<Runnable> registered = handlers.getOrDefault(intid, List.of());
        if (probe.on()) {
            Observation.Builder seen =
                    Observation.of(HopKind.CPU).field("cpu", cpu).field("intid", intid);
            probe.observe(
                    !registered.isEmpty()
                            ? seen.ok("the host's CPU takes the interrupt and runs its handler")
                            : seen.broken("the host's CPU takes the interrupt, nobody handles it"));
        }
        machine.endOfInterrupt(cpu, intid);
        registered.forEach(Runnable::run);
    }
}
