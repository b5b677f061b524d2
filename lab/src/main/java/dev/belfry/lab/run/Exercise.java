package dev.belfry.lab.run;

import dev.belfry.guest.GuestReport;
import dev.belfry.lab.Progress;
import dev.belfry.model.pci.spec.Bdf;
import dev.belfry.vmm.virt.PassedThrough;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/// Has devices of a running guest do DMA and raise vectors.
record Exercise(Platform platform) {

    /// Every device copies a page both ways.
    void copyAll(Progress progress) {
        List<Bdf> driven =
                platform.guest().report().devices().stream()
                        .filter(GuestReport.Device::driven)
                        .map(GuestReport.Device::bdf)
                        .toList();
        int done = 0;
        for (Bdf bdf : driven) {
            progress.at("DMA", ++done, driven.size());
            platform.guest().copy(bdf);
        }
    }

    /// One device raises a vector, or each.
    Step fire(Action action, Bdf bdf, OptionalInt vector) {
        return step(action, bdf, fired(bdf, vector), List.of(), "");
    }

    /// One device copies a page both ways.
    Step dma(Action action, Bdf bdf) {
        return step(action, bdf, List.of(), copied(bdf), "");
    }

    /// A vector goes to another CPU and is raised.
    Step move(Action.Affinity action, Bdf bdf) {
        if (action.onHost()) {
            platform.vm().passedThrough().devices().stream()
                    .filter(d -> d.function().hardware().bdf().equals(bdf))
                    .map(PassedThrough.Device::vfio)
                    .forEach(v -> v.device().setAffinity(action.vector(), action.cpu()));
        } else {
            platform.guest().setAffinity(bdf, action.vector(), action.cpu());
        }
        return step(
                action,
                bdf,
                fired(bdf, OptionalInt.of(action.vector())),
                List.of(),
                (action.onHost() ? "the host" : "the guest")
                        + " moved it to CPU "
                        + action.cpu()
                        + "; ");
    }

    /// Everything that one device can do.
    ///
    /// @param what happened to it before: `is there`
    Step whole(Action action, Bdf bdf, String what) {
        List<RunReport.Dma> dma = copied(bdf);
        return step(action, bdf, fired(bdf, OptionalInt.empty()), dma, "it " + what + "; ");
    }

    /// All that all devices did since the guest booted.
    Step all(Action action, List<RunReport.Vector> vectors, String first) {
        List<RunReport.Dma> dma =
                platform.guest().report().dma().stream().map(Reporter::dma).toList();
        return step(action, "", vectors, dma, first);
    }

    private List<RunReport.Vector> fired(Bdf bdf, OptionalInt vector) {
        return new VectorRuns(platform)
                .fire(
                        v ->
                                v.bdf().equals(bdf)
                                        && (vector.isEmpty() || vector.getAsInt() == v.vector()),
                        Progress.NONE);
    }

    private List<RunReport.Dma> copied(Bdf bdf) {
        int before = platform.guest().report().dma().size();
        platform.guest().copy(bdf);
        List<GuestReport.Transfer> all = platform.guest().report().dma();
        return all.subList(before, all.size()).stream().map(Reporter::dma).toList();
    }

    private static Step step(
            Action action,
            Bdf bdf,
            List<RunReport.Vector> vectors,
            List<RunReport.Dma> dma,
            String first) {
        String place = " " + action.device() + " (" + bdf.withoutSegment() + ")";
        return step(action, place, vectors, dma, first);
    }

    private static Step step(
            Action action,
            String place,
            List<RunReport.Vector> vectors,
            List<RunReport.Dma> dma,
            String first) {
        Optional<RunReport.Vector> lost =
                vectors.stream().filter(v -> !v.delivered() && !v.masked()).findFirst();
        Optional<RunReport.Dma> failed = dma.stream().filter(d -> !d.verified()).findFirst();
        boolean nothing = vectors.isEmpty() && dma.isEmpty();
        boolean well = lost.isEmpty() && failed.isEmpty() && !nothing;
        long delivered = vectors.stream().filter(RunReport.Vector::delivered).count();
        long verified = dma.stream().filter(RunReport.Dma::verified).count();
        String counts =
                nothing
                        ? "nothing could be tried on it"
                        : (vectors.isEmpty()
                                        ? ""
                                        : delivered
                                                + " of "
                                                + vectors.size()
                                                + " vectors delivered")
                                + (vectors.isEmpty() || dma.isEmpty() ? "" : ", ")
                                + (dma.isEmpty()
                                        ? ""
                                        : verified
                                                + " of "
                                                + dma.size()
                                                + " DMA transfers verified");
        String why =
                lost.map(RunReport.Vector::sentence)
                        .or(() -> failed.map(RunReport.Dma::sentence))
                        .map(w -> ": " + w)
                        .orElse("");
        return new Step(
                action.key(),
                action.device(),
                well ? Step.Outcome.DONE : Step.Outcome.LOST,
                well,
                action.key() + place + ": " + first + counts + why,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                vectors,
                dma);
    }
}
