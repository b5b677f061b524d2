package dev.belfry.cli.json;

import dev.belfry.lab.run.HostRefused;
import dev.belfry.lab.run.RunReport;
import dev.belfry.lab.run.Step;
import dev.belfry.model.bits.Hex;
import java.util.List;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// A run's report as JSON.
public final class RunJson {

    private RunJson() {}

    /// The whole report.
    public static ObjectNode of(String version, RunReport report) {
        ObjectNode root = Json.envelope(version, "run");
        root.put("ok", report.allWell());
        machine(root.putObject("machine"), report.machine());
        ArrayNode devices = root.putArray("devices");
        report.devices().forEach(d -> device(devices.addObject(), d));
        ArrayNode vectors = root.putArray("vectors");
        report.vectors().forEach(v -> vector(vectors.addObject(), v));
        ArrayNode dma = root.putArray("dma");
        report.dma().forEach(d -> dma(dma.addObject(), d));
        ArrayNode events = root.putArray("events");
        report.events().forEach(e -> event(events.addObject(), e));
        ArrayNode notes = root.putArray("notes");
        report.notes()
                .forEach(
                        n -> notes.addObject().put("severity", n.severity()).put("text", n.text()));
        ArrayNode steps = root.putArray("steps");
        report.steps().forEach(step -> step(steps.addObject(), step));
        return root;
    }

    /// A machine that did not come to be: the host was made to refuse a call.
    public static ObjectNode of(String version, HostRefused refused) {
        ObjectNode root = Json.envelope(version, "run");
        root.put("ok", false);
        root.putObject("refusal").put("message", refused.text()).put("errno", refused.errno());
        for (String none : List.of("devices", "vectors", "dma", "events", "notes", "steps")) {
            root.putArray(none);
        }
        return root;
    }

    private static void step(ObjectNode node, Step step) {
        node.put("action", step.action());
        node.put("device", step.device());
        node.put("outcome", step.outcome().key());
        node.put("expected", step.expected());
        node.put("sentence", step.sentence());
        Json.text(node, "class", step.errorClass());
        Json.text(node, "message", step.message());
        Json.text(node, "errno", step.errno());
        ArrayNode vectors = node.putArray("vectors");
        step.vectors().forEach(v -> vector(vectors.addObject(), v));
        ArrayNode dma = node.putArray("dma");
        step.dma().forEach(d -> dma(dma.addObject(), d));
    }

    private static void machine(ObjectNode node, RunReport.Machine m) {
        node.put("name", m.name());
        node.put("vcpus", m.vcpus());
        node.put("ramBytes", m.ramBytes());
        node.put("accel", m.accel());
        node.put("gic", m.gic());
        node.put("msiController", m.msiController());
        Json.hex(node, "doorbell", m.doorbell());
        node.put("firmware", m.firmware());
        node.put("guestCommandLine", m.guestCommandLine());
        node.put("host", m.host());
        ArrayNode smmus = node.putArray("smmus");
        for (RunReport.GuestSmmu s : m.smmus()) {
            ObjectNode n = smmus.addObject();
            n.put("id", s.id());
            n.put("bus", s.bus());
            n.put("base", Hex.of(s.base()));
            n.put("mode", s.mode());
            n.put("properties", s.properties());
            Json.text(n, "host", s.host());
            Json.number(n, "parentHwpt", s.parentHwpt());
            ObjectNode commands = n.putObject("commands");
            commands.put("trapped", s.commands().trapped());
            s.commands().cmdqv().ifPresent(q -> cmdqv(commands.putObject("cmdqv"), q));
        }
    }

    private static void cmdqv(ObjectNode node, RunReport.Cmdqv q) {
        node.put("base", Hex.of(q.base()));
        node.put("intid", q.intid());
        node.put("queues", q.queues());
        node.put("commands", q.commands());
        node.put("exits", q.exits());
        node.put("accessesPast", q.accessesPast());
    }

    private static void device(ObjectNode node, RunReport.Device d) {
        node.put("device", d.device());
        node.put("name", d.name());
        node.put("driver", d.driver());
        Json.text(node, "hostDevice", d.hostDevice());
        Json.hex(node, "streamId", d.streamId());
        Json.hex(node, "hostStreamId", d.hostStreamId());
        Json.text(node, "smmu", d.smmu());
        node.put("addressSpace", d.addressSpace());
        node.put("policy", d.policy());
        Json.text(node, "hwpt", d.hwpt());
    }

    private static void vector(ObjectNode node, RunReport.Vector v) {
        node.put("device", v.device());
        node.put("vector", v.vector());
        node.put("masked", v.masked());
        node.put("delivered", v.delivered());
        Json.text(node, "stoppedAt", v.stoppedAt().map(Enum::name));
        node.put("sentence", v.sentence());
        RunReport.Way w = v.way();
        ObjectNode way = node.putObject("way");
        Json.hex(way, "giova", w.giova());
        Json.hex(way, "guestDoorbell", w.guestDoorbell());
        Json.number(way, "gsi", w.gsi());
        Json.hex(way, "routeAddress", w.routeAddress());
        Json.hex(way, "routeData", w.routeData());
        Json.hex(way, "routeDeviceId", w.routeDeviceId());
        Json.hex(way, "hostIova", w.hostIova());
        Json.hex(way, "hostIpa", w.hostIpa());
        Json.hex(way, "hostDoorbell", w.hostDoorbell());
        Json.number(way, "hostLpi", w.hostLpi());
        Json.number(way, "guestIntid", w.guestIntid());
        Json.number(way, "vcpu", w.vcpu());
        Json.hops(node, v.hops());
    }

    private static void dma(ObjectNode node, RunReport.Dma d) {
        node.put("device", d.device());
        node.put("direction", d.direction());
        node.put("bytes", d.bytes());
        node.put("verified", d.verified());
        node.put("sentence", d.sentence());
    }

    private static void event(ObjectNode node, RunReport.Event e) {
        node.put("where", e.where().key());
        node.put("smmu", e.smmu());
        node.put("type", e.type());
        node.put("streamId", Hex.of(e.streamId()));
        Json.hex(node, "address", e.address());
        Json.bytes(node, "bytes", e.bytes());
        node.put("sentence", e.sentence());
    }
}
