package dev.belfry.lab.explain;

import dev.belfry.model.bits.Hex;
import dev.belfry.model.gic.spec.Gicr;
import dev.belfry.model.gic.spec.GicrCtlr;
import dev.belfry.model.gic.spec.GicrPendbaser;
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
    /// @param pendbaser GICR_PENDBASER
    record State(Frame frame, OptionalLong waker, OptionalLong pendbaser) {

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

    /// What is broken at a CPU's redistributor for an interrupt that is ready for it.
    ///
    /// @param intId LPI, SPI
    Optional<Observation> obstacle(int cpu, int intId) {
        return of(cpu).flatMap(s -> sleep(s, cpu).or(() -> pendingTable(s, intId)));
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
