package dev.belfry.lab.explain;

import dev.belfry.guest.firmware.FirmwareInfo;
import dev.belfry.guest.firmware.HostBridge;
import dev.belfry.guest.firmware.IdMap;
import dev.belfry.guest.firmware.ReservedMemory;
import dev.belfry.lab.explain.ExplainReport.Finding;
import dev.belfry.lab.explain.ExplainReport.State;
import dev.belfry.lab.explain.ExplainReport.Vector;
import dev.belfry.model.bits.Hex;
import dev.belfry.model.gic.spec.ItsCommand;
import dev.belfry.model.pci.spec.ConfigSpace;
import dev.belfry.model.smmu.Access;
import dev.belfry.model.smmu.spec.Command;
import dev.belfry.model.system.SystemView.Function;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// What is wrong, or will be, although no hop is broken. One method a check.
final class CrossChecks {

    private final Inventory inventory;
    private final Streams streams;
    private final CommandHistory commands;
    private final List<Function> functions;
    private final List<Vector> vectors;
    private final Set<Finding> findings = new LinkedHashSet<>();

    CrossChecks(
            Inventory inventory,
            Streams streams,
            CommandHistory commands,
            List<Function> functions,
            List<Vector> vectors) {
        this.inventory = inventory;
        this.streams = streams;
        this.commands = commands;
        this.functions = functions;
        this.vectors = vectors.stream().filter(v -> v.state() != State.UNUSED).toList();
    }

    List<Finding> run() {
        sharedEvents();
        Map<String, List<Vector>> byDevice =
                vectors.stream().collect(Collectors.groupingBy(Vector::device));
        for (Function f : functions) {
            String name = inventory.topology().name(f.bdf());
            List<Vector> of = byDevice.getOrDefault(name, List.of());
            Streams.Seen stream = streams.of(f.bdf());
            firmwareMaps(f, name);
            if (stream.smmu().isEmpty()) {
                continue;
            }
            reservedMemory(f, name, stream);
            announcedSte(name, stream);
            for (long address : of.stream().mapToLong(Vector::address).distinct().toArray()) {
                doorbellPage(name, stream, address);
                staleAddress(name, stream, address);
            }
            invalidatedLpis(f, name, of);
        }
        return new ArrayList<>(findings);
    }

    private void add(String rule, String severity, String device, String message, String why) {
        findings.add(new Finding(rule, severity, Optional.of(device), message, why));
    }

    private void sharedEvents() {
        record Sent(String device, long address, int data) {}
        Map<Sent, Vector> seen = new HashMap<>();
        for (Vector v : vectors) {
            if (v.masked()) {
                continue;
            }
            Vector other = seen.putIfAbsent(new Sent(v.device(), v.address(), v.data()), v);
            if (other != null) {
                add(
                        "shared-event",
                        "warning",
                        v.device(),
                        "vectors %d and %d send the same message (data %s)"
                                .formatted(other.vector(), v.vector(), Hex.of(v.data())),
                        "The ITS cannot tell them apart: one interrupt stands for both, and the"
                                + " other one's handler never runs.");
            }
        }
    }

    /// Memory attributes and access flag of the page that the doorbell is mapped by.
    private void doorbellPage(String name, Streams.Seen stream, long address) {
        StreamWalks.Walk walk = streams.write(stream, address);
        if (walk.toleratedAccessFlag()) {
            add(
                    "access-flag",
                    "warning",
                    name,
                    "the descriptor of the doorbell page "
                            + Hex.of(address & ~0xfffL)
                            + " has AF = 0",
                    "The architecture expects F_ACCESS here (IHI 0070 7.3.15: CD.AFFD = 0 and no"
                            + " hardware update of the flag), and the interrupt would be lost. This"
                            + " QEMU does not look at AF and lets it pass; releases since 9.0, and"
                            + " hardware, do not.");
        }
        if (walk.output().isEmpty() || walk.attributes().incoming()) {
            return;
        }
        Doorbells.Place place = inventory.doorbells().at(walk.output().getAsLong());
        boolean doorbell =
                place instanceof Doorbells.Place.Its || place instanceof Doorbells.Place.V2mFrame;
        int memory = walk.attributes().memory();
        boolean cacheable = !walk.attributes().isDevice() && memory != 0x44;
        if (doorbell && cacheable) {
            add(
                    "cacheable-doorbell",
                    "warning",
                    name,
                    "the doorbell page "
                            + Hex.of(address & ~0xfffL)
                            + " is mapped as cacheable memory (attributes "
                            + Hex.of(memory)
                            + ")",
                    "A message is a write to a device register: Linux maps it Device-nGnRE. Held in"
                            + " a cache, it does not arrive.");
        }
    }

    private void staleAddress(String name, Streams.Seen stream, long address) {
        Doorbells.Place direct = inventory.doorbells().at(address);
        boolean physical =
                direct instanceof Doorbells.Place.Its || direct instanceof Doorbells.Place.V2mFrame;
        if (stream.policy().equals("bypass") && !physical) {
            add(
                    "stale-message-address",
                    "error",
                    name,
                    "its stream bypasses translation, but its messages go to "
                            + Hex.of(address)
                            + ", which is no physical doorbell",
                    "The address is an IOVA of a domain that the device has left: its vectors were"
                            + " not written again after the switch to an identity domain.");
        }
        if (stream.policy().equals("stage 1")
                && physical
                && streams.write(stream, address).output().isEmpty()) {
            add(
                    "stale-message-address",
                    "error",
                    name,
                    "its stream is translated, but its messages go to the physical doorbell "
                            + Hex.of(address)
                            + ", which stage 1 does not map",
                    "The address was composed while the device bypassed translation, or the"
                            + " doorbell was mapped in another domain.");
        }
    }

    /// The last mapping of an event should be followed by INV or INVALL, or the redistributor may
    /// go by configuration it read before.
    private void invalidatedLpis(Function f, String name, List<Vector> of) {
        Map<Integer, Boolean> invalidatedSince = new HashMap<>();
        int deviceId = streams.device(f.bdf()).deviceId();
        for (CommandHistory.ItsEntry e : commands.its()) {
            switch (e.command()) {
                case ItsCommand.Mapti c when c.deviceId() == deviceId ->
                        invalidatedSince.put(c.eventId(), false);
                case ItsCommand.Inv c when c.deviceId() == deviceId ->
                        invalidatedSince.replace(c.eventId(), true);
                case ItsCommand.Invall _ -> invalidatedSince.replaceAll((event, was) -> true);
                default -> {}
            }
        }
        for (Vector v : of) {
            if (v.state() != State.DELIVERED || v.intId().isEmpty()) {
                continue;
            }
            if (!invalidatedSince.getOrDefault(v.data(), true)) {
                add(
                        "lpi-not-invalidated",
                        "warning",
                        name,
                        "LPI %d (vector %d) is enabled in its table, but no INV or INVALL followed its MAPTI"
                                .formatted(v.intId().getAsInt(), v.vector()),
                        "The redistributor may keep the configuration that it read before, and hold"
                                + " the interrupt back (IHI 0069 5.1.1).");
            }
        }
    }

    /// An STE that is in use should have been announced by a command after the first CFGI_ALL,
    /// which software sends before there are any.
    private void announcedSte(String name, Streams.Seen stream) {
        List<CommandHistory.SmmuCommand> all =
                commands.smmu().stream().filter(c -> c.smmu() == stream.smmu().orElse(-1)).toList();
        boolean complete = !all.isEmpty() && all.getFirst().entry().index() == 0;
        boolean used = stream.policy().equals("stage 1") || stream.policy().equals("bypass");
        if (!complete || !used) {
            return;
        }
        boolean announced =
                all.stream()
                        .skip(1)
                        .anyMatch(c ->
                                switch (c.command()) {
                                    case Command.CfgiSte s -> s.streamId() == stream.streamId();
                                    case Command.CfgiSteRange r -> r.contains(stream.streamId());
                                    default -> false;
                                });
        if (!announced) {
            add(
                    "ste-not-announced",
                    "warning",
                    name,
                    "the STE of StreamID "
                            + Hex.of(stream.streamId())
                            + " is in use, but no CMD_CFGI_STE for it is in the command queue",
                    "The SMMU may go by an STE that it cached before (IHI 0070 3.21.3).");
        }
    }

    /// What firmware maps of one hierarchy should be all behind an SMMU or all not: an IORT made
    /// for the buses that firmware numbered leaves out those that came later.
    private void firmwareMaps(Function f, String name) {
        Optional<HostBridge> bridge = inventory.ids().bridge(f.bdf());
        if (bridge.isEmpty()) {
            return;
        }
        ConfigSpace config = inventory.topology().config(f.bdf());
        int own = inventory.topology().requesterId(f.bdf());
        int below = config.headerType().isBridge() ? config.secondaryBus() << 8 : own;
        int rootBus = inventory.topology().rootBus(f.bdf());
        boolean othersMapped =
                inventory.view().functions().stream()
                        .filter(o -> o.bdf().segment() == f.bdf().segment())
                        .filter(o -> inventory.topology().rootBus(o.bdf()) == rootBus)
                        .anyMatch(o ->
                                streamOf(bridge.get(), inventory.topology().requesterId(o.bdf())));
        for (int rid : own == below ? new int[] {own} : new int[] {own, below}) {
            boolean msi = IdMap.find(bridge.get().msiMaps(), rid).isPresent();
            if (othersMapped && msi && !streamOf(bridge.get(), rid)) {
                add(
                        "id-map-without-smmu",
                        "warning",
                        name,
                        "firmware maps requester id "
                                + Hex.of(rid)
                                + " to an MSI controller, but to no SMMU, unlike others of its"
                                + " hierarchy",
                        "The SMMU sees its DMA and messages all the same, as a stream that nobody"
                                + " set up.");
            }
        }
    }

    private static boolean streamOf(HostBridge bridge, int rid) {
        return IdMap.find(bridge.iommuMaps(), rid).isPresent();
    }

    /// Reserved regions, which an accelerated vSMMU needs for the host's doorbells.
    private void reservedMemory(Function f, String name, Streams.Seen stream) {
        Optional<FirmwareInfo> firmware = inventory.ids().firmware();
        Optional<HostBridge> bridge = inventory.ids().bridge(f.bdf());
        boolean sendsNothing = inventory.topology().config(f.bdf()).headerType().isBridge();
        if (firmware.isEmpty() || bridge.isEmpty() || sendsNothing) {
            return;
        }
        long base = inventory.smmu(stream.smmu().orElse(0)).base();
        for (ReservedMemory rmr : firmware.get().rmrs()) {
            boolean named = false;
            for (int i = 0; i < firmware.get().smmus().size(); i++) {
                named |=
                        firmware.get().smmus().get(i).base() == base
                                && rmr.names(i, stream.streamId() & 0xffff_ffffL);
            }
            if (named) {
                reserved(name, stream, bridge.get(), rmr);
            }
        }
    }

    private void reserved(String name, Streams.Seen stream, HostBridge bridge, ReservedMemory rmr) {
        String range = Hex.of(rmr.base()) + " + " + Hex.of(rmr.length());
        if (!bridge.preserveConfig()) {
            add(
                    "rmr-without-dsm",
                    "error",
                    name,
                    "the IORT reserves "
                            + range
                            + " for its stream, but no _DSM asks the guest to"
                            + " keep the boot configuration",
                    "Linux ignores RMRs then: the host's doorbell is not mapped in stage 1, and the"
                            + " device's messages are lost on the host.");
            return;
        }
        if (!stream.policy().equals("stage 1")) {
            return;
        }
        StreamWalks.Walk first = streams.walk(stream, rmr.base(), Access.WRITE);
        boolean identity = first.output().orElse(~rmr.base()) == rmr.base();
        String what = Doorbells.inSwMsiWindow(rmr.base()) ? "the host's SW_MSI window" : "a region";
        add(
                "rmr",
                identity ? "note" : "error",
                name,
                what
                        + " "
                        + range
                        + " is reserved for its stream and is "
                        + (identity ? "" : "NOT ")
                        + "mapped 1:1 in stage 1",
                "The vSMMU is accelerated: the host writes its own doorbell into the device, and"
                        + " stage 1 must pass it. The host must have its MSI window there, a nesting"
                        + " parent with stage 2 for it, and a vIOMMU with this stream's vDEVICE.");
    }
}
