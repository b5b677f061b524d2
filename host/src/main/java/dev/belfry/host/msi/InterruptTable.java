package dev.belfry.host.msi;

import dev.belfry.kernel.Machine;
import dev.belfry.model.journey.HopKind;
import dev.belfry.model.journey.Observation;
import dev.belfry.model.journey.Probe;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/// Who handles which interrupt of the host (`request_irq`), and the taking of interrupts.
public final class InterruptTable {

    private static final int FIRST_SPECIAL = 1020;
    private static final int LAST_SPECIAL = 1023;

    /// Whatever a device does, a CPU takes no more than this at once.
    private static final int MOST_AT_ONCE = 4096;

    private final Machine machine;
    private final Probe probe;
    private final Map<Integer, Runnable> handlers = new HashMap<>();
    private long taken;

    public InterruptTable(Machine machine, Probe probe) {
        this.machine = machine;
        this.probe = probe;
    }

    /// `request_irq`.
    public void request(int intid, Runnable handler) {
        handlers.put(intid, handler);
    }

    /// `free_irq`.
    public void free(int intid) {
        handlers.remove(intid);
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
        Optional<Runnable> handler = Optional.ofNullable(handlers.get(intid));
        if (probe.on()) {
            Observation.Builder seen =
                    Observation.of(HopKind.CPU).field("cpu", cpu).field("intid", intid);
            probe.observe(
                    handler.isPresent()
                            ? seen.ok("the host's CPU takes the interrupt and runs its handler")
                            : seen.broken("the host's CPU takes the interrupt, nobody handles it"));
        }
        machine.endOfInterrupt(cpu, intid);
        handler.ifPresent(Runnable::run);
    }
}
