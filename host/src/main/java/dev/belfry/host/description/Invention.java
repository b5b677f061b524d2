package dev.belfry.host.description;

import dev.belfry.host.uapi.KernelVersion;
import dev.belfry.kernel.iopgtable.Granule;
import dev.belfry.model.pci.spec.Bdf;
import dev.belfry.model.smmu.Cmdqv;
import dev.belfry.model.smmu.SmmuIdentity;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// A host made up to fit a command line.
final class Invention {

    private static final long GIB = 1L << 30;
    private static final long MIB = 1L << 20;

    /// What the kernel itself and a few other processes want.
    private static final long SPARE_RAM = 8 * GIB;

    private static final long RAM_BASE = 0x8000_0000L;
    private static final long DISTRIBUTOR = 0x2200_0000L;
    private static final long REDISTRIBUTORS = 0x2208_0000L;
    private static final long ITS = 0x2204_0000L;

    /// SMMUs of the host, 16 MiB apart.
    private static final long FIRST_SMMU = 0x1000_0000L;

    /// Where an SMMU's CMDQ-V is, from its base.
    private static final long CMDQV_OFFSET = 4 * MIB;

    private static final int CPUS = 8;

    /// What devices look like in turn, so that several of them can be told apart.
    private record Kind(int vendor, int device, int classCode, int msix, long dataBar) {}

    /// GPU, NIC, NVMe: by the ids of real ones, with large BARs prefetchable as theirs are.
    private static final List<Kind> KINDS =
            List.of(
                    new Kind(0x10de, 0x2342, 0x03_02_00, 16, 16 * MIB),
                    new Kind(0x15b3, 0x1021, 0x02_00_00, 64, 32 * MIB),
                    new Kind(0x144d, 0xa80a, 0x01_08_02, 32, 16 * 1024));

    private Invention() {}

    static HostDescription invent(List<RequestedDevice> requested, long guestRam) {
        Map<String, SmmuDescription> smmus = new LinkedHashMap<>();
        Map<Bdf, DeviceDescription> devices = new LinkedHashMap<>();
        List<Integer> segments = requested.stream().map(r -> r.bdf().segment()).distinct().toList();
        for (RequestedDevice r : requested) {
            int next = smmus.size();
            SmmuDescription smmu =
                    smmus.computeIfAbsent(
                            r.shares(),
                            s ->
                                    new SmmuDescription(
                                            "smmu" + next,
                                            FIRST_SMMU + next * 16L * MIB,
                                            SmmuIdentity.GRACE,
                                            true,
                                            Optional.empty()));
            SmmuDescription raised = smmu.with(r.wish().raise(smmu.identity()));
            smmus.put(r.shares(), r.wish().cmdqv() ? raised.with(cmdqv(smmu.base())) : raised);
            Kind kind = KINDS.get(devices.size() % KINDS.size());
            devices.putIfAbsent(
                    r.bdf(),
                    device(
                            r.bdf(),
                            kind,
                            smmu.name(),
                            segments.indexOf(r.bdf().segment()),
                            devices.size()));
        }
        return new HostDescription(
                "made up for the command line",
                KernelVersion.V6_19,
                Granule.G4K,
                1,
                CPUS,
                RAM_BASE,
                roundUp(guestRam + guestRam / 4, GIB) + SPARE_RAM,
                new GicDescription(DISTRIBUTOR, REDISTRIBUTORS, true),
                List.copyOf(smmus.values()),
                List.of(new ItsDescription("its0", ITS)),
                new ArrayList<>(devices.values()),
                ModuleOptions.DEFAULT,
                Set.of());
    }

    private static CmdqvDescription cmdqv(long smmu) {
        return new CmdqvDescription(smmu + CMDQV_OFFSET, Cmdqv.Parameters.GRACE);
    }

    /// Firmware numbers StreamIDs and DeviceIDs by segment, in the order in which it finds them.
    private static DeviceDescription device(
            Bdf bdf, Kind kind, String smmu, int segment, int index) {
        int id = segment << 16 | bdf.routingId();
        List<BarDescription> bars =
                List.of(
                        new BarDescription(0, kind.dataBar, true, kind.dataBar > MIB),
                        new BarDescription(2, 64 * 1024, true, false));
        return new DeviceDescription(
                bdf,
                kind.vendor,
                kind.device,
                kind.classCode,
                bars,
                kind.msix,
                2,
                1,
                0,
                true,
                false,
                20,
                smmu,
                id,
                "its0",
                id,
                index + 1,
                true,
                true);
    }

    private static long roundUp(long value, long unit) {
        return (value + unit - 1) / unit * unit;
    }
}
