package dev.belfry.lab.compare;

import dev.belfry.host.smmu.HostEvent;
import dev.belfry.host.smmu.HostSmmu;
import dev.belfry.host.uapi.Ioctl;
import dev.belfry.host.vfio.VfioDevice;
import dev.belfry.lab.Progress;
import dev.belfry.lab.run.Platform;
import dev.belfry.lab.run.RunReport;
import dev.belfry.lab.run.RunRequest.MsiDesign;
import dev.belfry.lab.run.VectorRuns;
import dev.belfry.vmm.cmdline.CommandLineError;
import dev.belfry.vmm.virt.PassedThrough;
import java.util.List;
import java.util.Optional;

/// Runs one cell: boots, changes what the situation changes, fires every vector, and looks.
record CellRun(MsiDesign design, Situation situation, CallLog calls) {

    CellRun(MsiDesign design, Situation situation) {
        this(design, situation, new CallLog());
    }

    Cell run() {
        Scene scene = Scene.of(situation);
        Platform platform;
        try {
            platform =
                    Platform.boot(
                            scene.machine(),
                            scene.host(),
                            scene.options(design),
                            scene.conditions(calls),
                            Progress.NONE);
        } catch (CommandLineError e) {
            return refused(calls.last(), String.valueOf(e.getMessage()));
        }
        change(platform);
        int before = events(platform).size();
        List<RunReport.Vector> vectors = new VectorRuns(platform).fireAll(Progress.NONE);
        List<HostEvent> all = events(platform);
        return outcome(vectors, all.subList(before, all.size()));
    }

    private void change(Platform platform) {
        switch (situation) {
            case AFFINITY ->
                    each(
                            platform,
                            d -> d.vectors().forEach(v -> move(platform, d, v.index(), v.cpu())));
            case RESYNC -> each(platform, VfioDevice::restoreMessages);
            case DOMAIN_SWITCH ->
                    platform.guest().report().devices().stream()
                            .filter(d -> d.driven())
                            .forEach(d -> platform.guest().replaceDomain(d.bdf()));
            case QUIET,
                    MULTI_ITS,
                    NO_RMR,
                    RAM_OVER_WINDOW,
                    GUEST_BYPASS,
                    WINDOW_FULL,
                    NO_STAGE2_DOORBELL -> {}
        }
    }

    private static void move(Platform platform, VfioDevice device, int vector, int cpu) {
        device.setAffinity(vector, (cpu + 1) % platform.host().machine().cpus());
    }

    private static void each(Platform platform, java.util.function.Consumer<VfioDevice> step) {
        for (PassedThrough.Device d : platform.vm().passedThrough().devices()) {
            step.accept(d.vfio().device());
        }
    }

    private static List<HostEvent> events(Platform platform) {
        return platform.host().smmus().values().stream()
                .map(HostSmmu::events)
                .flatMap(List::stream)
                .toList();
    }

    private Cell outcome(List<RunReport.Vector> vectors, List<HostEvent> events) {
        Optional<RunReport.Vector> missing =
                vectors.stream().filter(v -> !v.delivered()).findFirst();
        Optional<CallLog.Failed> setIrqs = calls.last(Ioctl.VFIO_DEVICE_SET_IRQS);
        if (vectors.isEmpty() || (missing.isPresent() && setIrqs.isPresent())) {
            return refused(setIrqs, "no vector of the device could be set up");
        }
        if (missing.isEmpty()) {
            RunReport.Vector last = vectors.getLast();
            return cell(Cell.Outcome.DELIVERED, last.sentence(), last, Optional.empty());
        }
        RunReport.Vector lost = missing.get();
        return events.isEmpty()
                ? cell(Cell.Outcome.LOST, lost.sentence(), lost, Optional.empty())
                : cell(Cell.Outcome.FAULTED, lost.sentence(), lost, Optional.of(events.getFirst()));
    }

    private Cell refused(Optional<CallLog.Failed> call, String otherwise) {
        return new Cell(
                design,
                situation,
                Cell.Outcome.REFUSED,
                call.map(c -> c.call() + ": " + c.errno() + ", " + c.why()).orElse(otherwise),
                Optional.empty(),
                call.map(c -> c.errno().name()),
                Optional.empty(),
                List.of());
    }

    private Cell cell(
            Cell.Outcome outcome,
            String sentence,
            RunReport.Vector vector,
            Optional<HostEvent> event) {
        return new Cell(
                design,
                situation,
                outcome,
                sentence,
                event.map(HostEvent::event).map(e -> e.type().label(e.code())),
                Optional.empty(),
                event.map(e -> e.forwarded() ? "guest" : "host"),
                vector.hops());
    }
}
