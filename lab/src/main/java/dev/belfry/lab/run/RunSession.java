package dev.belfry.lab.run;

import dev.belfry.guest.GuestReport;
import dev.belfry.host.uapi.FaultInjection;
import dev.belfry.kernel.memory.OutOfMemory;
import dev.belfry.lab.InputError;
import dev.belfry.lab.Progress;
import dev.belfry.model.pci.spec.Bdf;
import dev.belfry.vmm.check.PlugRules;
import dev.belfry.vmm.virt.GuestFunction;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// A machine that has booted and been exercised, and stays up: devices come and go, vectors are
/// moved and raised, until it is closed.
public final class RunSession implements AutoCloseable {

    private Platform platform;
    private final List<RunReport.Note> notes;
    private final FaultInjection failures;
    private final PlugRules rules;
    private Exercise exercise;
    private Plugging plugging;
    private List<RunReport.Vector> vectors;
    private final List<Step> steps = new ArrayList<>();

    private RunSession(RunLab.Booted booted, Progress progress) {
        this.platform = booted.platform();
        this.notes = booted.notes();
        this.failures = booted.failures();
        this.exercise = new Exercise(platform);
        this.rules = new PlugRules(booted.commandLine());
        this.plugging = new Plugging(platform, rules, exercise);
        exercise.copyAll(progress);
        this.vectors = new VectorRuns(platform).fireAll(progress);
    }

    /// Boots the machine; every device does DMA in both directions and fires every vector.
    ///
    /// @throws InputError when the command line or the host cannot be used
    /// @throws HostRefused when a call that was made to fail leaves no machine
    public static RunSession start(RunRequest request, Progress progress)
            throws InputError, HostRefused {
        try {
            return new RunSession(RunLab.boot(request, progress), progress);
        } catch (OutOfMemory e) {
            throw RunLab.outOfMemory(e);
        }
    }

    /// Does something to the machine; whatever comes of it, the machine goes on.
    public Step perform(Action action) {
        return keep(perform(action, platform));
    }

    /// Does what a client asked for, who is told what comes of it.
    Step answer(Action action) {
        return keep(perform(action, platform).answered());
    }

    /// Does a step of a scenario.
    public Step perform(Scenario.ScenarioStep step) {
        return keep(perform(step.action(), platform).expecting(step.expected()));
    }

    private Step keep(Step step) {
        steps.add(step);
        return step;
    }

    private Step perform(Action action, Platform p) {
        return switch (action) {
            case Action.DeviceAdd add -> plugging.add(add);
            case Action.DeviceDel del -> plugging.remove(del);
            case Action.SystemReset reset -> reset(reset);
            case Action.Fire fire -> on(fire, bdf -> exercise.fire(fire, bdf, fire.vector()));
            case Action.Dma dma -> on(dma, bdf -> exercise.dma(dma, bdf));
            case Action.Affinity move -> on(move, bdf -> exercise.move(move, bdf));
            case Action.Reset reset ->
                    on(
                            reset,
                            bdf -> {
                                p.guest().reset(bdf);
                                return exercise.whole(reset, bdf, "was reset");
                            });
        };
    }

    /// The machine is reset, the guest boots again, and everything is tried once more. What the old
    /// guest knew is gone; devices that were plugged in stay.
    private Step reset(Action.SystemReset action) {
        platform = platform.reset();
        exercise = new Exercise(platform);
        plugging = new Plugging(platform, rules, exercise);
        exercise.copyAll(Progress.NONE);
        vectors = new VectorRuns(platform).fireAll(Progress.NONE);
        return exercise.all(action, vectors, "the guest booted again; ");
    }

    private Step on(Action action, java.util.function.Function<Bdf, Step> what) {
        Optional<Bdf> bdf = find(action.device());
        return bdf.isPresent()
                ? what.apply(bdf.get())
                : Step.refused(
                        action,
                        PlugRules.NOT_FOUND,
                        "Device '" + action.device() + "' not found",
                        "the guest drives no device of that name");
    }

    private Optional<Bdf> find(String name) {
        List<Bdf> driven =
                platform.guest().report().devices().stream()
                        .filter(GuestReport.Device::driven)
                        .map(GuestReport.Device::bdf)
                        .toList();
        return driven.stream()
                .filter(b ->
                        b.withoutSegment().equals(name)
                                || b.toString().equals(name)
                                || nameOf(b).filter(name::equals).isPresent())
                .findFirst();
    }

    private Optional<String> nameOf(Bdf bdf) {
        return platform.vm()
                .pci()
                .find(bdf)
                .flatMap(h ->
                        platform.vm().functions().stream()
                                .filter(f -> f.hardware().equals(h))
                                .findFirst())
                .map(GuestFunction::name);
    }

    /// The platform, to look at.
    public Platform platform() {
        return platform;
    }

    /// Which calls are made to fail, and how often each was made.
    public FaultInjection failures() {
        return failures;
    }

    /// How things stand, with what was done so far.
    public RunReport report() {
        return new Reporter(platform).report(vectors, notes, steps);
    }

    /// Ends the machine, and tells how things stood before, with what went wrong at the end.
    public RunReport finish() {
        RunReport report = report();
        int before = platform.vm().problems().size();
        close();
        List<String> all = platform.vm().problems();
        List<RunReport.Note> more = new ArrayList<>(Injections.missed(failures));
        all.subList(before, all.size()).stream()
                .map(p -> new RunReport.Note("error", "VMM: " + p))
                .forEach(more::add);
        return report.withNotes(more);
    }

    /// Ends the machine: every device is given back to the host.
    @Override
    public void close() {
        platform.vm().close();
    }
}
