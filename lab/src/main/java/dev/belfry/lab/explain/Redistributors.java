package dev.belfry.lab.explain;

import dev.belfry.model.bits.Hex;
import dev.belfry.model.gic.spec.Gicr;
import dev.belfry.model.gic.spec.GicrCtlr;
import dev.belfry.model.gic.spec.GicrPendbaser;
import dev.belfry.model.gic.spec.GicrPropbaser;
import dev.belfry.model.gic.spec.GicrTyper;
import dev.belfry.model.gic.spec.LpiConfig;
import dev.belfry.model.journey.HopKind;
import dev.belfry.model.journey.Observation;
import dev.belfry.model.system.SystemView;
import dev.belfry.model.system.SystemView.Frame;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/// What keeps a redistributor from handing an interrupt on that it has accepted.
final class Redistributors {

    /// What Linux writes to ICC_PMR_EL1: priorities from here on are masked.
    static final int PRIORITY_MASK = 0xf0;

    private final SystemView view;
    private final WatchedMemory memory;
    private final Quirks quirks;
    private final Map<Integer, Optional<State>> known = new HashMap<>();

    Redistributors(SystemView view, WatchedMemory memory, Quirks quirks) {
        this.view = view;
        this.memory = memory;
        this.quirks = quirks;
    }

    /// A redistributor as far as it was read.
    ///
    /// @param waker GICR_WAKER
    /// @param propbaser GICR_PROPBASER
    /// @param pendbaser GICR_PENDBASER
    record State(Frame frame, OptionalLong waker, OptionalLong propbaser, OptionalLong pendbaser) {

        boolean asleep() {
            long value = waker.orElse(0);
            return GicrCtlr.WAKER_PROCESSOR_SLEEP.isSet(value)
                    || GicrCtlr.WAKER_CHILDREN_ASLEEP.isSet(value);
        }
    }

    /// A CPU's redistributor.
    ///
    /// @param cpu processor number
    Optional<State> of(int cpu) {
        return known.computeIfAbsent(cpu, this::look);
    }

    private Optional<State> look(int cpu) {
        List<Frame> all = view.redistributors();
        for (Frame f : all) {
            OptionalLong typer = f.registers().read64(Gicr.GICR_TYPER.offset());
            if (typer.isPresent() && new GicrTyper(typer.getAsLong()).processorNumber() == cpu) {
                return Optional.of(
                        new State(
                                f,
                                f.registers().read32(Gicr.GICR_WAKER.offset()),
                                f.registers().read64(Gicr.GICR_PROPBASER.offset()),
                                f.registers().read64(Gicr.GICR_PENDBASER.offset())));
            }
        }
        return Optional.empty();
    }

    /// The affinity of a CPU, if its redistributor is known.
    OptionalInt affinity(int cpu) {
        return of(cpu).map(s ->
                        OptionalInt.of(
                                new GicrTyper(
                                                s.frame
                                                        .registers()
                                                        .read64(Gicr.GICR_TYPER.offset())
                                                        .orElse(0))
                                        .affinity()))
                .orElse(OptionalInt.empty());
    }

    /// What keeps an interrupt from a CPU that is ready for it at that one's redistributor, or may
    /// keep it from it.
    ///
    /// @param intId LPI, SPI
    Optional<Observation> obstacle(int cpu, int intId) {
        return of(cpu).flatMap(s ->
                sleep(s, cpu).or(() -> pendingTable(s, intId)).or(() -> low(s, intId)));
    }

    /// An LPI of a priority that Linux's mask keeps from its CPUs.
    private Optional<Observation> low(State s, int intId) {
        if (s.propbaser.isEmpty() || intId < LpiConfig.FIRST_LPI) {
            return Optional.empty();
        }
        long at = new GicrPropbaser(s.propbaser.getAsLong()).configAddress(intId);
        if (!memory.accepts(at, 1)) {
            return Optional.empty();
        }
        int priority = new LpiConfig((int) memory.read(at, 1)).priority();
        return priority < PRIORITY_MASK
                ? Optional.empty()
                : Optional.of(lowPriority(intId, priority));
    }

    /// An interrupt whose priority is at or below [#PRIORITY_MASK].
    static Observation lowPriority(int intId, int priority) {
        return Observation.of(HopKind.CPU)
                .hex("Priority", priority)
                .unknown(
                        "INTID %d has priority %s, and a CPU takes only what is above its ICC_PMR_EL1, which cannot be read from outside: with Linux's 0xf0 it is never taken."
                                .formatted(intId, Hex.of(priority)));
    }

    /// QEMU's redistributor hands interrupts on all the same, as 7.2 and 11.1 show.
    private Optional<Observation> sleep(State s, int cpu) {
        if (!s.asleep() || quirks.ignoresSleep()) {
            return Optional.empty();
        }
        return Optional.of(
                Observation.of(HopKind.REDISTRIBUTOR)
                        .address(s.frame.base())
                        .field("processor_number", cpu)
                        .hex("GICR_WAKER", s.waker.orElse(0))
                        .broken(
                                "The redistributor of CPU "
                                        + cpu
                                        + " sleeps (GICR_WAKER.ProcessorSleep or ChildrenAsleep is"
                                        + " 1), so it forwards nothing to that CPU (IHI 0069,"
                                        + " GICR_WAKER)."));
    }

    private Optional<Observation> pendingTable(State s, int intId) {
        if (s.pendbaser.isEmpty() || intId < LpiConfig.FIRST_LPI) {
            return Optional.empty();
        }
        long at = new GicrPendbaser(s.pendbaser.getAsLong()).pendingAddress(intId);
        if (memory.mayBeRam(at)) {
            return Optional.empty();
        }
        return Optional.of(
                Observation.of(HopKind.REDISTRIBUTOR)
                        .address(s.frame.base())
                        .hex("GICR_PENDBASER", s.pendbaser.getAsLong())
                        .hex("pending_address", at)
                        .broken(
                                "GICR_PENDBASER puts the pending bit of LPI "
                                        + intId
                                        + " at "
                                        + Hex.of(at)
                                        + ", where there is no RAM: it cannot be kept or cleared"
                                        + " (IHI 0069, GICR_PENDBASER). QEMU raises such an LPI"
                                        + " again and again, until Linux says \"nobody cared\" and"
                                        + " disables it."));
    }
}
