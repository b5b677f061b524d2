package dev.belfry.lab.run;

import dev.belfry.guest.firmware.HostBridge;
import dev.belfry.guest.firmware.IdMap;
import dev.belfry.host.description.HostDescription;
import dev.belfry.kernel.memory.OutOfMemory;
import dev.belfry.lab.Progress;
import dev.belfry.model.journey.Hop;
import dev.belfry.model.pci.spec.Bdf;
import dev.belfry.vmm.cmdline.CommandLineError;
import dev.belfry.vmm.cmdline.Position;
import dev.belfry.vmm.machine.MachineDescription;
import dev.belfry.vmm.machine.PciFunction;
import dev.belfry.vmm.virt.GuestFunction;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// A short run of a machine: every device copies once in both directions and fires its first
/// vectors. What was lost is told by device.
///
/// @param losses what was lost
/// @param refusal what the host refused; nothing was run then
/// @param unable why the machine could not be run at all, though nobody refuses it; or empty
/// @param vectors how many were fired
/// @param transfers how many copies were made
/// @param maps what is wrong with the IORT's id mappings, whether a device was hit by it or not
public record DryRun(
        List<Loss> losses,
        Optional<CommandLineError> refusal,
        String unable,
        int vectors,
        int transfers,
        List<String> maps) {

    /// What was lost.
    public enum Kind {
        /// A vector did not arrive.
        INTERRUPT,
        /// Bytes did not arrive.
        DMA,
        /// The guest does not find the device, or cannot drive it.
        DEVICE,
        /// The firmware's tables leave the device out, or put it behind two SMMUs.
        ID_MAP
    }

    /// One loss.
    ///
    /// @param at the option of the device
    /// @param root the root bus that it is below
    /// @param kind what was lost
    /// @param sentence what was seen
    /// @param hops the journey that failed, if there was one
    public record Loss(Position at, String root, Kind kind, String sentence, List<Hop> hops) {
        public Loss {
            hops = List.copyOf(hops);
        }
    }

    /// Vectors that are fired of each device, at most.
    public static final int VECTORS = 2;

    private static final int MOST_FUNCTIONS = 512;

    public DryRun {
        losses = List.copyOf(losses);
        maps = List.copyOf(maps);
    }

    /// Runs it.
    ///
    /// @param host where; one is made up to fit without
    public static DryRun of(MachineDescription machine, Optional<HostDescription> host) {
        if (machine.memory().size() < RunLab.LEAST_RAM) {
            return failed("it has less than 128 MiB of RAM");
        }
        int functions = machine.pci().inOrder().size();
        if (functions > MOST_FUNCTIONS) {
            return failed(functions + " PCI functions are more than are tried (512)");
        }
        try {
            Platform platform =
                    Platform.boot(
                            machine,
                            host.orElseGet(() -> HostChoice.invented(machine)),
                            RunRequest.Options.DEFAULT,
                            Platform.Conditions.USUAL.withVectors(VECTORS),
                            Progress.NONE);
            new Exercise(platform).copyAll(Progress.NONE);
            List<RunReport.Vector> vectors = new VectorRuns(platform).fireAll(Progress.NONE);
            RunReport report = new Reporter(platform).report(vectors, List.of());
            return new DryRun(
                    new Losses(platform, report).all(),
                    Optional.empty(),
                    "",
                    report.vectors().size(),
                    report.dma().size(),
                    new IdMaps(platform).faults());
        } catch (CommandLineError e) {
            return new DryRun(List.of(), Optional.of(e), "", 0, 0, List.of());
        } catch (OutOfMemory e) {
            return failed("a kernel of the model runs out of memory");
        }
    }

    private static DryRun failed(String why) {
        return new DryRun(List.of(), Optional.empty(), why, 0, 0, List.of());
    }

    /// Reads losses off a platform that has been exercised.
    private record Losses(Platform platform, RunReport report) {

        List<Loss> all() {
            List<Loss> out = new ArrayList<>();
            for (GuestFunction f : platform.vm().functions()) {
                switch (f.described()) {
                    case PciFunction.Vfio _ -> device(f, true, out);
                    case PciFunction.Emulated _ -> device(f, false, out);
                    case PciFunction.Bridge _, PciFunction.Pxb _, PciFunction.RootComplex _ -> {}
                }
            }
            return out;
        }

        private void device(GuestFunction f, boolean passedThrough, List<Loss> out) {
            String bdf = Bdf.of(0, f.requesterId()).withoutSegment();
            RunReport seen = report.of(bdf, -1);
            if (seen.devices().isEmpty()) {
                if (passedThrough) {
                    out.add(loss(f, Kind.DEVICE, "the guest cannot drive it", List.of()));
                }
                return;
            }
            seen.vectors().stream()
                    .filter(v -> !v.delivered() && !v.masked())
                    .findFirst()
                    .ifPresent(v -> out.add(loss(f, Kind.INTERRUPT, v.sentence(), v.hops())));
            seen.dma().stream()
                    .filter(d -> !d.verified())
                    .findFirst()
                    .ifPresent(d ->
                            out.add(
                                    loss(
                                            f,
                                            Kind.DMA,
                                            "DMA of " + bdf + " " + d.sentence(),
                                            List.of())));
            idMaps(f, bdf, out);
        }

        /// The tables that firmware was given must put each requester id behind the SMMU that
        /// translates it, and behind no other.
        private void idMaps(GuestFunction f, String bdf, List<Loss> out) {
            if (!platform.hasAcpi()) {
                return;
            }
            boolean translated = platform.vm().smmuOf(f.described()).isPresent();
            int id = f.requesterId();
            long maps =
                    platform.firmware().hostBridges().stream()
                            .filter(b -> b.covers(id >> 8))
                            .map(HostBridge::iommuMaps)
                            .flatMap(List::stream)
                            .filter(m -> covers(m, id))
                            .count();
            if (translated && maps == 0) {
                out.add(
                        loss(
                                f,
                                Kind.ID_MAP,
                                "the IORT has no map for " + bdf + ", which is behind an SMMU",
                                List.of()));
            } else if (maps > 1) {
                out.add(
                        loss(
                                f,
                                Kind.ID_MAP,
                                "the IORT maps " + bdf + " " + maps + " times",
                                List.of()));
            }
        }

        private static boolean covers(IdMap map, int id) {
            return id >= map.inputBase() && id - map.inputBase() < map.count();
        }

        private Loss loss(GuestFunction f, Kind kind, String sentence, List<Hop> hops) {
            String root = platform.vm().described().pci().rootOf(f.described()).name();
            return new Loss(f.described().plugged().at(), root, kind, sentence, hops);
        }
    }
}
