package dev.belfry.lab.compare;

import dev.belfry.guest.GuestReport;
import dev.belfry.host.smmu.HostSmmu;
import dev.belfry.host.uapi.FaultInjection;
import dev.belfry.host.uapi.Ioctl;
import dev.belfry.lab.Progress;
import dev.belfry.lab.compare.EndpointCell.Arrangement;
import dev.belfry.lab.compare.EndpointCell.Worker;
import dev.belfry.lab.run.Platform;
import dev.belfry.lab.run.RunRequest;
import dev.belfry.model.journey.JourneyRecorder;
import dev.belfry.model.journey.Where;
import dev.belfry.model.pci.spec.Bdf;
import dev.belfry.model.smmu.Access;
import dev.belfry.model.smmu.Smmu;
import dev.belfry.vmm.virt.GuestFunction;
import dev.belfry.vmm.virt.SmmuUnit;
import java.util.List;
import java.util.OptionalLong;

/// What invalidations cost when an emulated device sits behind an accelerated SMMU, which QEMU
/// refuses, against keeping it apart: a machine for each arrangement, a device that maps, copies
/// and unmaps pages, and what the VMM and the physical SMMU have to do for it.
///
/// Invalidations of the TLB name an ASID at most, no StreamID: nobody can tell for whom they are,
/// so all of them have to go to both.
record EndpointAxis(Arrangement arrangement) {

    private static final int COPIES = 32;

    /// The guest invalidates as it unmaps.
    private static final String STRICT = "iommu.strict=1";

    private record Counts(
            long commands, long ioctls, long hostCommands, long vmmWalks, long hostWalks) {

        Counts since(Counts before) {
            return new Counts(
                    commands - before.commands,
                    ioctls - before.ioctls,
                    hostCommands - before.hostCommands,
                    vmmWalks - before.vmmWalks,
                    hostWalks - before.hostWalks);
        }
    }

    EndpointCell run(Worker worker) {
        FaultInjection calls = new FaultInjection(List.of());
        Platform platform =
                Platform.boot(
                        machine(),
                        Scene.of(Situation.QUIET).host(),
                        new RunRequest.Options(RunRequest.Doorbell.DIRECT, true, 1),
                        new Platform.Conditions(
                                true,
                                OptionalLong.empty(),
                                calls,
                                arrangement != Arrangement.UNSEEN),
                        Progress.NONE);
        GuestFunction function = function(platform, worker);
        Bdf bdf = function.hardware().bdf();
        Smmu engine = platform.vm().smmuOf(function.described()).orElseThrow().engine();
        Counts before = counts(platform, calls);
        long stale = 0;
        for (int i = 0; i < COPIES; i++) {
            int transfers = platform.guest().report().dma().size();
            platform.guest().copy(bdf);
            List<GuestReport.Transfer> all = platform.guest().report().dma();
            for (GuestReport.Transfer t : all.subList(transfers, all.size())) {
                stale += isKnown(engine, function, t.address()) ? 1 : 0;
            }
        }
        Counts cost = counts(platform, calls).since(before);
        return cell(platform, worker, function, engine, cost, stale);
    }

    /// What the guest has unmapped must not be known any more.
    private static boolean isKnown(Smmu engine, GuestFunction function, long address) {
        return engine.translateCached(
                        function.requesterId(), Smmu.NO_SUBSTREAM, address, Access.WRITE)
                != -1;
    }

    private static GuestFunction function(Platform platform, Worker worker) {
        String id = worker == Worker.EMULATED ? "emu0" : "dev0";
        return platform.vm().functions().stream()
                .filter(f -> f.name().equals(id))
                .findFirst()
                .orElseThrow();
    }

    private static Counts counts(Platform platform, FaultInjection calls) {
        List<Smmu.Work> vmm =
                platform.vm().smmus().stream().map(SmmuUnit::engine).map(Smmu::work).toList();
        List<Smmu.Work> host =
                platform.host().smmus().values().stream()
                        .map(HostSmmu::name)
                        .map(n -> platform.host().machine().smmu(n).orElseThrow().work())
                        .toList();
        return new Counts(
                vmm.stream().mapToLong(Smmu.Work::commands).sum(),
                calls.count(Ioctl.IOMMU_HWPT_INVALIDATE),
                host.stream().mapToLong(Smmu.Work::commands).sum(),
                vmm.stream().mapToLong(Smmu.Work::walks).sum(),
                host.stream().mapToLong(Smmu.Work::walks).sum());
    }

    private EndpointCell cell(
            Platform platform,
            Worker worker,
            GuestFunction function,
            Smmu engine,
            Counts cost,
            long stale) {
        List<GuestReport.Transfer> dma = platform.guest().report().dma();
        JourneyRecorder recorder = new JourneyRecorder();
        recorder.start();
        engine.inspect(
                function.requesterId(),
                Smmu.NO_SUBSTREAM,
                dma.isEmpty() ? 0 : dma.getLast().address(),
                Access.WRITE,
                recorder.at(Where.GUEST));
        return new EndpointCell(
                arrangement,
                worker,
                COPIES,
                cost.commands,
                cost.ioctls,
                cost.hostCommands,
                cost.vmmWalks,
                cost.hostWalks,
                stale,
                detail(worker, cost, stale),
                recorder.stop().hops());
    }

    private static String detail(Worker worker, Counts cost, long stale) {
        if (stale > 0) {
            return "the VMM's cache still translates "
                    + stale
                    + " of "
                    + 2 * COPIES
                    + " addresses that the guest has unmapped: the emulated device would reach freed"
                    + " pages";
        }
        if (worker == Worker.EMULATED && cost.ioctls > 0) {
            return cost.ioctls
                    + " system calls and "
                    + cost.hostCommands
                    + " commands on the physical SMMU, which has translated nothing of this device";
        }
        if (worker == Worker.EMULATED) {
            return "the host is not asked";
        }
        return cost.ioctls
                + " system calls for "
                + cost.commands
                + " commands: each invalidation goes to the host, which is what acceleration costs";
    }

    private dev.belfry.vmm.machine.MachineDescription machine() {
        String bus = arrangement == Arrangement.APART ? "pcie.2" : "pcie.1";
        return Scene.read(
                List.of(
                        "-append",
                        STRICT,
                        "-kernel",
                        "Image",
                        "-device",
                        "pcie-root-port,id=rp0,bus=pcie.1,chassis=1",
                        "-device",
                        "vfio-pci,host=0002:01:00.0,bus=rp0,id=dev0,iommufd=iommufd0",
                        "-device",
                        "pxb-pcie,id=pcie.2,bus_nr=64,bus=pcie.0",
                        "-device",
                        "arm-smmuv3,primary-bus=pcie.2,id=smmuv3.2",
                        "-device",
                        "pcie-root-port,id=rp1,chassis=2,bus=" + bus,
                        "-device",
                        "nvme,serial=a,bus=rp1,id=emu0"));
    }
}
