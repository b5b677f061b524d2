package dev.belfry.lab.explain;

import dev.belfry.lab.explain.ExplainReport.Vector;
import dev.belfry.model.bits.Hex;
import dev.belfry.model.gic.spec.GicrPendbaser;
import java.util.List;
import java.util.OptionalInt;

/// Redistributors that hand interrupts on, and yet are not set up as they should be.
///
/// @param inventory what is looked at
/// @param findings where they are added
record RedistributorChecks(Inventory inventory, FindingList findings) {

    void run(List<Vector> vectors) {
        int cpus = inventory.view().redistributors().size();
        for (int cpu = 0; cpu < cpus; cpu++) {
            int number = cpu;
            boolean target =
                    vectors.stream()
                            .anyMatch(v -> v.delivered() && v.cpu().equals(OptionalInt.of(number)));
            if (target) {
                inventory.redistributors().of(cpu).ifPresent(s -> asleep(number, s));
                shared(number, cpus);
            }
        }
    }

    private void asleep(int cpu, Redistributors.State state) {
        if (state.asleep()) {
            findings.add(
                    "redistributor-asleep",
                    "warning",
                    "the redistributor of CPU %d sleeps: GICR_WAKER is %s"
                            .formatted(cpu, Hex.of(state.waker().orElse(0))),
                    "The architecture forwards no interrupt to that CPU until software clears"
                            + " ProcessorSleep (IHI 0069, GICR_WAKER). QEMU's forwards it all the"
                            + " same; hardware does not.");
        }
    }

    /// Two redistributors may not keep their LPIs in one table.
    private void shared(int cpu, int cpus) {
        long table = table(cpu);
        for (int other = 0; other < cpus && table != 0; other++) {
            if (other != cpu && table(other) == table) {
                findings.add(
                        "pending-table-shared",
                        "error",
                        "the redistributors of CPU %d and CPU %d have one pending table, at %s"
                                .formatted(cpu, other, Hex.of(table)),
                        "Each needs its own: one would take, or forget, what is pending at the"
                                + " other (IHI 0069, GICR_PENDBASER).");
                return;
            }
        }
    }

    private long table(int cpu) {
        return inventory
                .redistributors()
                .of(cpu)
                .filter(s -> s.pendbaser().isPresent())
                .map(s -> new GicrPendbaser(s.pendbaser().getAsLong()).address())
                .orElse(0L);
    }
}
