package dev.belfry.guest.irq;

import dev.belfry.kernel.Machine;
import java.util.HashMap;
import java.util.Map;
import java.util.function.IntConsumer;

/// Who handles which interrupt.
public final class InterruptTable {

    /// INTIDs from here to 1023 are special: none pending, or not for us.
    private static final int SPECIAL = 1020;

    private static final int FIRST_LPI = 8192;
    private static final int MAX_PER_POLL = 1 << 16;

    private final Machine machine;
    private final Map<Integer, IntConsumer> handlers = new HashMap<>();
    private final int[] load;
    private long spurious;

    public InterruptTable(Machine machine) {
        this.machine = machine;
        this.load = new int[machine.cpus()];
    }

    /// `handler` is given the CPU that took `intId`.
    public void register(int intId, IntConsumer handler) {
        handlers.put(intId, handler);
    }

    /// Nobody handles `intId` any more.
    public void unregister(int intId) {
        handlers.remove(intId);
    }

    /// The CPU with the fewest vectors, the lowest of those; it has one more now.
    public int pickCpu() {
        int best = 0;
        for (int cpu = 1; cpu < load.length; cpu++) {
            best = load[cpu] < load[best] ? cpu : best;
        }
        load[best]++;
        return best;
    }

    /// A vector left `cpu`.
    public void leaveCpu(int cpu) {
        load[cpu]--;
    }

    /// A vector came to `cpu`.
    public void enterCpu(int cpu) {
        load[cpu]++;
    }

    /// Every CPU takes what is pending.
    ///
    /// @return how many interrupts were taken
    public int poll() {
        int taken = 0;
        for (int cpu = 0; cpu < load.length; cpu++) {
            for (int i = 0; i < MAX_PER_POLL; i++) {
                int intId = machine.acknowledge(cpu);
                if (intId >= SPECIAL && intId < FIRST_LPI) {
                    break;
                }
                taken++;
                dispatch(intId, cpu);
                machine.endOfInterrupt(cpu, intId);
            }
        }
        return taken;
    }

    private void dispatch(int intId, int cpu) {
        IntConsumer handler = handlers.get(intId);
        if (handler == null) {
            spurious++;
        } else {
            handler.accept(cpu);
        }
    }

    /// How many interrupts nobody had asked for.
    public long spurious() {
        return spurious;
    }
}
