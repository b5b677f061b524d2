package dev.belfry.lab.explain;

import dev.belfry.lab.explain.Arrivals.Arrival;
import dev.belfry.model.bits.Hex;
import dev.belfry.model.gic.spec.LpiConfig;
import dev.belfry.model.journey.Hop;
import dev.belfry.model.journey.HopKind;
import dev.belfry.model.journey.Observation;
import dev.belfry.model.journey.Verdict;
import dev.belfry.model.journey.Where;
import dev.belfry.model.system.KernelGic;
import dev.belfry.model.system.KernelGic.Device;
import dev.belfry.model.system.KernelGic.Event;
import dev.belfry.model.system.KernelGic.Interrupt;
import dev.belfry.model.system.SystemView.Frame;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/// What becomes of a message at an ITS that KVM emulates, by what KVM says of it: its own lists are
/// what it goes by, not tables in memory.
final class KernelArrivals {

    private final KernelGic gic;
    private final Map<Integer, Interrupt> interrupts = new HashMap<>();

    KernelArrivals(KernelGic gic) {
        this.gic = gic;
        gic.interrupts().forEach(i -> interrupts.put(i.intId(), i));
    }

    /// A message at an ITS.
    Arrival at(Frame its, int deviceId, int eventId) {
        List<Hop> hops = new ArrayList<>();
        long devices = gic.devices().stream().filter(d -> d.its() == its.base()).count();
        add(
                hops,
                Observation.of(HopKind.ITS)
                        .address(its.base())
                        .field("devices", Long.toString(devices))
                        .ok("KVM emulates this ITS; what follows is what it holds itself."));
        Optional<Device> device = gic.device(its.base(), deviceId & 0xffff_ffffL);
        add(hops, device(deviceId, device));
        if (device.isEmpty()) {
            return end(hops, OptionalInt.empty(), OptionalInt.empty());
        }
        Optional<Event> event = device.get().event(eventId & 0xffff_ffffL);
        add(hops, event(deviceId, eventId, device.get(), event));
        if (event.isEmpty()) {
            return end(hops, OptionalInt.empty(), OptionalInt.empty());
        }
        OptionalInt intId = OptionalInt.of(event.get().intId());
        Observation collection = collection(event.get());
        add(hops, collection);
        if (collection.verdict() != Verdict.OK) {
            return end(hops, intId, OptionalInt.empty());
        }
        OptionalInt cpu = OptionalInt.of((int) event.get().target());
        Observation lpi = lpi(event.get().intId());
        add(hops, lpi);
        if (lpi.verdict() == Verdict.OK) {
            add(hops, cpu(cpu.getAsInt(), intId.getAsInt()));
        }
        return end(hops, intId, cpu);
    }

    private static void add(List<Hop> hops, Observation seen) {
        hops.add(new Hop(Where.GUEST, seen));
    }

    private static Arrival end(List<Hop> hops, OptionalInt intId, OptionalInt cpu) {
        return new Arrival(hops, hops.getLast().verdict(), intId, cpu);
    }

    private static Observation device(int deviceId, Optional<Device> device) {
        Observation.Builder hop = Observation.of(HopKind.DTE).hex("DeviceID", deviceId);
        if (device.isPresent()) {
            long events = device.get().events();
            return hop.field("events", Long.toString(events))
                    .ok(
                            "KVM holds DeviceID %s with room for %d events (IHI 0069 5.2)."
                                    .formatted(Hex.of(deviceId), events));
        }
        return hop.broken(
                "KVM holds no event of DeviceID "
                        + Hex.of(deviceId)
                        + ": no MAPD mapped the device, or no MAPTI an event of it (IHI 0069 5.3).");
    }

    private static Observation event(
            int deviceId, int eventId, Device device, Optional<Event> event) {
        Observation.Builder hop = Observation.of(HopKind.ITE).hex("EventID", eventId);
        String who = "EventID " + Hex.of(eventId) + " of DeviceID " + Hex.of(deviceId);
        if (event.isPresent()) {
            return hop.field("INTID", event.get().intId())
                    .field("ICID", Long.toString(event.get().collection()))
                    .field("forwarded", event.get().forwarded())
                    .ok(
                            who
                                    + " is LPI "
                                    + event.get().intId()
                                    + " in collection "
                                    + event.get().collection()
                                    + (event.get().forwarded()
                                            ? "; the host's GICv4 injects it."
                                            : " (IHI 0069 5.3, MAPTI)."));
        }
        boolean beyond = Integer.toUnsignedLong(eventId) >= device.events();
        return hop.broken(
                beyond
                        ? who
                                + " is beyond its interrupt translation table, which has room for "
                                + device.events()
                                + " (IHI 0069 5.3, MAPD)."
                        : who
                                + " is not mapped: no MAPTI or MAPI, or a DISCARD since (IHI 0069"
                                + " 5.3).");
    }

    private static Observation collection(Event event) {
        Observation.Builder hop =
                Observation.of(HopKind.CTE).field("ICID", Long.toString(event.collection()));
        String who = "Collection " + event.collection();
        return event.target() == KernelGic.NOT_MAPPED
                ? hop.broken(who + " is not mapped to a CPU: no MAPC (IHI 0069 5.3).")
                : hop.field("CPU", Long.toString(event.target()))
                        .ok(who + " goes to CPU " + event.target() + " (IHI 0069 5.3, MAPC).");
    }

    private Observation lpi(int intId) {
        Observation.Builder hop = Observation.of(HopKind.LPI).field("INTID", intId);
        Interrupt lpi = interrupts.get(intId);
        if (lpi == null || intId < LpiConfig.FIRST_LPI) {
            return hop.unknown("KVM's list of interrupts does not have LPI " + intId + ".");
        }
        hop.field("Priority", lpi.priority())
                .field("Enable", lpi.enabled())
                .field("pending", lpi.pending())
                .field("active", lpi.active());
        return lpi.enabled()
                ? hop.ok(
                        "LPI %d is enabled with priority %d (IHI 0069 5.1.1)."
                                .formatted(intId, lpi.priority()))
                : hop.broken(
                        "LPI "
                                + intId
                                + " is disabled as KVM knows it: its configuration byte was so when"
                                + " KVM last read it, at MAPTI or INV (IHI 0069 5.1.1).");
    }

    private Observation cpu(int cpu, int intId) {
        Interrupt lpi = interrupts.get(intId);
        if (lpi != null && lpi.priority() >= Redistributors.PRIORITY_MASK) {
            return Redistributors.lowPriority(intId, lpi.priority());
        }
        Observation.Builder hop =
                Observation.of(HopKind.CPU).field("cpu", cpu).field("enabled", gic.enabled());
        return gic.enabled()
                ? hop.ok("CPU " + cpu + " takes INTID " + intId + ".")
                : hop.broken(
                        "The distributor forwards nothing: no CPU gets INTID "
                                + intId
                                + " (IHI 0069, GICD_CTLR).");
    }
}
