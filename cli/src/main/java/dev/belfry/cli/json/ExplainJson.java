package dev.belfry.cli.json;

import dev.belfry.lab.explain.ExplainReport;
import dev.belfry.model.bits.Hex;
import java.util.Locale;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// An explanation as JSON.
public final class ExplainJson {

    private ExplainJson() {}

    /// The whole report.
    public static ObjectNode of(String version, ExplainReport report) {
        ObjectNode root = Json.envelope(version, "explain");
        root.put("ok", report.allWell());
        root.put("source", report.source());
        ArrayNode notes = root.putArray("notes");
        report.notes().forEach(notes::add);
        ArrayNode functions = root.putArray("functions");
        report.functions().forEach(f -> function(functions.addObject(), f));
        ArrayNode vectors = root.putArray("vectors");
        report.vectors().forEach(v -> vector(vectors.addObject(), v));
        report.dma().ifPresent(d -> dma(root.putObject("dma"), d));
        report.iovaMap().ifPresent(m -> map(root.putObject("iovaMap"), m));
        ArrayNode events = root.putArray("events");
        report.events().forEach(e -> event(events.addObject(), e));
        ArrayNode commands = root.putArray("commands");
        report.commands().forEach(c -> command(commands.addObject(), c));
        ArrayNode findings = root.putArray("findings");
        report.findings().forEach(f -> finding(findings.addObject(), f));
        ArrayNode changes = root.putArray("changes");
        report.changes().forEach(c -> change(changes.addObject(), c));
        return root;
    }

    private static void function(ObjectNode node, ExplainReport.Function f) {
        node.put("device", f.device());
        node.put("vendorId", Hex.of(f.vendorId()));
        node.put("deviceId", Hex.of(f.deviceId()));
        node.put("classCode", Hex.of(f.classCode()));
        node.put("interrupts", f.interrupts());
        node.put("requesterId", Hex.of(f.requesterId()));
        Json.text(node, "smmu", f.smmu());
        Json.hex(node, "streamId", f.streamId());
        node.put("policy", f.policy());
        Json.hex(node, "itsDeviceId", f.itsDeviceId());
    }

    private static void vector(ObjectNode node, ExplainReport.Vector v) {
        node.put("device", v.device());
        node.put("vector", v.vector());
        node.put("state", v.state().name().toLowerCase(Locale.ROOT));
        node.put("masked", v.masked());
        node.put("delivered", v.delivered());
        Json.text(node, "stoppedAt", v.stoppedAt().map(Enum::name));
        node.put("sentence", v.sentence());
        node.put("symptom", v.symptom());
        node.put("expected", v.expected());
        node.put("address", Hex.of(v.address()));
        node.put("data", Hex.of(v.data()));
        node.put("doorbell", v.doorbell());
        node.put("policy", v.policy());
        Json.number(node, "intId", v.intId());
        Json.number(node, "cpu", v.cpu());
        Json.hops(node, v.hops());
    }

    private static void dma(ObjectNode node, ExplainReport.Dma d) {
        node.put("device", d.device());
        Json.number(node, "pasid", d.pasid());
        node.put("address", Hex.of(d.address()));
        node.put("write", d.write());
        Json.hex(node, "output", d.output());
        Json.text(node, "stoppedAt", d.stoppedAt().map(Enum::name));
        node.put("sentence", d.sentence());
        Json.hops(node, d.hops());
    }

    private static void map(ObjectNode node, ExplainReport.Stage1 m) {
        node.put("device", m.device());
        Json.number(node, "pasid", m.pasid());
        node.put("policy", m.policy());
        node.put("complete", m.complete());
        ArrayNode pasids = node.putArray("pasids");
        m.pasids().forEach(pasids::add);
        ArrayNode ranges = node.putArray("ranges");
        for (ExplainReport.Range r : m.ranges()) {
            ranges.addObject()
                    .put("iova", Hex.of(r.iova()))
                    .put("size", Hex.of(r.size()))
                    .put("output", Hex.of(r.output()))
                    .put("access", r.access())
                    .put("attributes", r.attributes())
                    .put("what", r.what());
        }
    }

    private static void event(ObjectNode node, ExplainReport.Event e) {
        node.put("where", "guest");
        node.put("smmu", e.smmu());
        node.put("index", e.index());
        node.put("consumed", e.consumed());
        node.put("type", e.type());
        node.put("streamId", Hex.of(e.streamId()));
        Json.text(node, "device", e.device());
        Json.hex(node, "address", e.address());
        Json.bytes(node, "bytes", e.bytes());
        node.put("sentence", e.sentence());
    }

    private static void command(ObjectNode node, ExplainReport.Command c) {
        node.put("queue", c.queue());
        node.put("index", c.index());
        node.put("consumed", c.consumed());
        node.put("name", c.name());
        Json.hex(node, "id", c.id());
        ObjectNode fields = node.putObject("fields");
        c.fields().forEach(fields::put);
        Json.bytes(node, "bytes", c.bytes());
    }

    private static void finding(ObjectNode node, ExplainReport.Finding f) {
        node.put("rule", f.rule());
        node.put("severity", f.severity());
        Json.text(node, "device", f.device());
        node.put("message", f.message());
        node.put("why", f.why());
    }

    private static void change(ObjectNode node, ExplainReport.Change c) {
        node.put("address", Hex.of(c.address()));
        Json.bytes(node, "before", c.before());
        Json.bytes(node, "after", c.after());
    }
}
