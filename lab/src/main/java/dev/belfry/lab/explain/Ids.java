package dev.belfry.lab.explain;

import dev.belfry.guest.firmware.FirmwareInfo;
import dev.belfry.guest.firmware.HostBridge;
import dev.belfry.guest.firmware.IdMap;
import dev.belfry.guest.firmware.ReservedMemory;
import dev.belfry.model.bits.Hex;
import dev.belfry.model.pci.spec.Bdf;
import dev.belfry.model.system.SystemView.Frame;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What a requester id becomes at the SMMU and at the ITS, by the maps that firmware left in
/// memory.
final class Ids {

    private final Optional<FirmwareInfo> firmware;
    private final String firmwareName;
    private final Topology topology;
    private final List<Frame> smmus;

    Ids(Optional<FirmwareInfo> firmware, Topology topology, List<Frame> smmus) {
        this.firmware = firmware;
        this.topology = topology;
        this.smmus = smmus;
        this.firmwareName =
                firmware.map(f ->
                                f.source() == FirmwareInfo.Source.ACPI
                                        ? "The IORT"
                                        : "The device tree")
                        .orElse("");
    }

    /// A StreamID.
    sealed interface Stream {
        /// One sentence: why.
        String rule();

        /// @param smmu index of the SMMU's frame
        record Behind(int smmu, int streamId, String rule) implements Stream {}

        /// No SMMU sees the function.
        record None(String rule) implements Stream {}

        /// There are SMMUs, and nothing says which.
        record Unknown(String rule) implements Stream {}
    }

    /// A DeviceID.
    ///
    /// @param controller base of the MSI controller that firmware names; empty when it names none
    /// @param mapped whether firmware maps the id, or nothing is known of any map
    record Device(int deviceId, Optional<Long> controller, boolean mapped, String rule) {}

    /// The function's StreamID.
    Stream stream(Bdf bdf) {
        int rid = topology.requesterId(bdf);
        if (smmus.isEmpty()) {
            return new Stream.None("The machine has no SMMU: nothing is translated.");
        }
        Optional<HostBridge> bridge = bridge(bdf);
        if (firmware.isPresent() && bridge.isPresent()) {
            return mapped(bdf, bridge.get(), firmware.get(), rid);
        }
        if (smmus.size() > 1) {
            return new Stream.Unknown(
                    "There are "
                            + smmus.size()
                            + " SMMUs, and no device tree or IORT was found that says which one"
                            + " sees requester id "
                            + Hex.of(rid)
                            + ".");
        }
        return new Stream.Behind(
                0,
                rid,
                "No device tree or IORT was found; the requester id is taken as the StreamID, as"
                        + " QEMU does.");
    }

    private Stream mapped(Bdf bdf, HostBridge bridge, FirmwareInfo info, int rid) {
        Optional<IdMap.Mapped> found = IdMap.find(bridge.iommuMaps(), rid);
        String id = firmwareName + " maps requester id " + Hex.of(rid);
        if (found.isEmpty()) {
            return leftOut(bdf, bridge, rid)
                    .<Stream>map(sibling -> {
                        long streamId = rid - sibling.inputBase() + sibling.outputBase();
                        return behind(
                                info.smmus().get(sibling.target()).base(),
                                streamId,
                                id
                                        + " to no SMMU, unlike others of its hierarchy: the SMMU"
                                        + " sees it all the same, as StreamID "
                                        + Hex.of(streamId)
                                        + ", which the guest never set up.");
                    })
                    .orElse(
                            new Stream.None(
                                    id + " to no SMMU: the guest sets up no translation for it."));
        }
        long base = info.smmus().get(found.get().target()).base();
        return behind(
                base,
                found.get().id(),
                id
                        + " to StreamID "
                        + Hex.of(found.get().id())
                        + " of the SMMU at "
                        + Hex.of(base)
                        + ".");
    }

    /// A mapping to an SMMU that covers others on or below the same root bus, when none covers this
    /// id: what an IORT is like that was made for the buses that firmware numbered.
    ///
    /// @param bdf a function of that hierarchy
    Optional<IdMap> leftOut(Bdf bdf, HostBridge bridge, int rid) {
        if (IdMap.find(bridge.iommuMaps(), rid).isPresent()) {
            return Optional.empty();
        }
        return topology.hierarchy(bdf).stream()
                .map(topology::requesterId)
                .filter(other -> IdMap.find(bridge.iommuMaps(), other).isPresent())
                .findFirst()
                .flatMap(other ->
                        bridge.iommuMaps().stream()
                                .filter(m -> other - m.inputBase() >= 0)
                                .filter(m -> other - m.inputBase() < m.count())
                                .findFirst());
    }

    private Stream behind(long base, long streamId, String rule) {
        for (int i = 0; i < smmus.size(); i++) {
            if (smmus.get(i).base() == base) {
                return new Stream.Behind(i, (int) streamId, rule);
            }
        }
        return new Stream.Unknown(
                firmwareName
                        + " names an SMMU at "
                        + Hex.of(base)
                        + ", whose registers could not be read.");
    }

    /// The function's DeviceID.
    Device device(Bdf bdf) {
        int rid = topology.requesterId(bdf);
        Optional<HostBridge> bridge = bridge(bdf);
        if (firmware.isEmpty() || bridge.isEmpty()) {
            return new Device(
                    rid,
                    Optional.empty(),
                    true,
                    "No device tree or IORT was found; the requester id is taken as the DeviceID,"
                            + " as QEMU does.");
        }
        Optional<IdMap.Mapped> found = IdMap.find(bridge.get().msiMaps(), rid);
        if (found.isEmpty()) {
            return new Device(
                    rid,
                    Optional.empty(),
                    false,
                    firmwareName + " maps requester id " + Hex.of(rid) + " to no MSI controller.");
        }
        long base = firmware.get().msiControllers().get(found.get().target()).base();
        return new Device(
                (int) found.get().id(),
                Optional.of(base),
                true,
                firmwareName
                        + " maps requester id "
                        + Hex.of(rid)
                        + " to DeviceID "
                        + Hex.of(found.get().id())
                        + " of the controller at "
                        + Hex.of(base)
                        + ".");
    }

    /// The regions that firmware reserves for a stream (IORT RMR nodes).
    ///
    /// @param smmu index of the SMMU's frame
    List<ReservedMemory> reserved(int smmu, int streamId) {
        List<ReservedMemory> out = new ArrayList<>();
        for (FirmwareInfo info : firmware.stream().toList()) {
            for (int i = 0; i < info.smmus().size(); i++) {
                int node = i;
                if (info.smmus().get(i).base() == smmus.get(smmu).base()) {
                    info.rmrs().stream()
                            .filter(rmr -> rmr.names(node, streamId & 0xffff_ffffL))
                            .forEach(out::add);
                }
            }
        }
        return out;
    }

    /// The host bridge that a function is below.
    Optional<HostBridge> bridge(Bdf bdf) {
        return firmware.stream()
                .flatMap(f -> f.hostBridges().stream())
                .filter(b -> b.segment() == bdf.segment() && b.covers(bdf.bus()))
                .findFirst();
    }

    /// What firmware says, if it was found.
    Optional<FirmwareInfo> firmware() {
        return firmware;
    }
}
