package dev.belfry.lab.compare;

import dev.belfry.lab.Progress;
import dev.belfry.lab.run.Platform;
import dev.belfry.lab.run.RunReport;
import dev.belfry.lab.run.RunRequest;
import dev.belfry.lab.run.VectorRuns;
import dev.belfry.model.bits.Hex;
import dev.belfry.model.journey.HopKind;
import dev.belfry.model.journey.Observation;
import dev.belfry.model.journey.Probe;
import dev.belfry.model.smmu.Access;
import dev.belfry.model.smmu.Smmu;
import dev.belfry.model.smmu.Translation;
import dev.belfry.vmm.virt.GuestFunction;
import java.util.List;
import java.util.OptionalLong;

/// The ways to learn the doorbell's address, side by side: at rest by whole runs; the walk also
/// while the guest remaps, which happens in the middle of it, between two of its reads.
final class DoorbellAxis {

    private DoorbellAxis() {}

    static List<DoorbellRow> rows() {
        return List.of(
                atRest("direct callback", RunRequest.Doorbell.DIRECT),
                atRest("software walk, guest quiet", RunRequest.Doorbell.WALK),
                remapped("software walk, guest remaps after the STE was read (torn)", HopKind.STE),
                remapped(
                        "software walk, guest remaps after a table was read (freed)",
                        HopKind.STAGE1),
                atRest("global address space", RunRequest.Doorbell.GLOBAL_AS));
    }

    private static Platform boot(RunRequest.Doorbell doorbell) {
        Scene scene = Scene.of(Situation.QUIET);
        return Platform.boot(
                scene.machine(),
                scene.host(),
                new RunRequest.Options(doorbell, true, 1),
                Platform.Conditions.USUAL,
                Progress.NONE);
    }

    private static DoorbellRow atRest(String way, RunRequest.Doorbell doorbell) {
        Platform platform = boot(doorbell);
        RunReport.Vector v = new VectorRuns(platform).fireAll(Progress.NONE).getFirst();
        return row(platform, way, v.way().routeAddress(), v.sentence());
    }

    /// The guest moves the device to a new domain, once, as soon as the walk has seen a structure
    /// of a kind: the old domain's tables are freed under the walk.
    private static DoorbellRow remapped(String way, HopKind when) {
        Platform platform = boot(RunRequest.Doorbell.WALK);
        GuestFunction function = platform.vm().passedThrough().devices().getFirst().function();
        long address = platform.guest().report().vectors().getFirst().messageAddress();
        Smmu smmu = platform.vm().smmuOf(function.described()).orElseThrow().engine();
        Remapper remapper = new Remapper(platform, when);
        Translation t =
                smmu.inspect(
                        function.requesterId(), Smmu.NO_SUBSTREAM, address, Access.WRITE, remapper);
        OptionalLong found =
                t instanceof Translation.Mapped m ? OptionalLong.of(m.pa()) : OptionalLong.empty();
        return row(
                platform,
                way,
                found,
                remapper.done
                        ? "the guest freed the tables in the middle of the walk, which read on in"
                                + " pages that were not tables any more"
                        : "the walk saw no such structure");
    }

    private static DoorbellRow row(
            Platform platform, String way, OptionalLong found, String sentence) {
        long doorbell = platform.vm().doorbells().getFirst().register();
        if (found.isEmpty()) {
            return new DoorbellRow(way, "none", "no address: " + sentence);
        }
        return new DoorbellRow(
                way,
                found.getAsLong() == doorbell ? "right" : "wrong",
                Hex.of(found.getAsLong()) + ": " + sentence);
    }

    /// Remaps once.
    private static final class Remapper implements Probe {
        private final Platform platform;
        private final HopKind when;
        private boolean done;

        Remapper(Platform platform, HopKind when) {
            this.platform = platform;
            this.when = when;
        }

        @Override
        public boolean on() {
            return true;
        }

        @Override
        public void observe(Observation seen) {
            if (!done && seen.kind() == when) {
                done = true;
                // Twice: what the first change frees, the second uses again.
                replaceDomains();
                replaceDomains();
            }
        }

        private void replaceDomains() {
            platform.guest().report().devices().stream()
                    .filter(d -> d.driven())
                    .forEach(d -> platform.guest().replaceDomain(d.bdf()));
        }
    }
}
