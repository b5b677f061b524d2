package dev.belfry.cli.json;

import dev.belfry.host.probe.ProbedHost;
import dev.belfry.lab.run.HostLab;
import dev.belfry.model.bits.Hex;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// A host that was read, as JSON.
public final class HostJson {

    private HostJson() {}

    /// The object of `belfry host --json`. What could not be read is null.
    public static ObjectNode of(String version, HostLab.Report report) {
        ProbedHost host = report.host();
        ObjectNode root = Json.envelope(version, "host");
        root.put("name", host.name());
        root.put("kernel", host.release().isEmpty() ? null : host.release());
        Json.number(root, "cpus", host.cpus());
        ArrayNode smmus = root.putArray("smmus");
        for (ProbedHost.Smmu s : host.smmus()) {
            ObjectNode node = smmus.addObject();
            node.put("name", s.name()).put("base", Hex.of(s.base()));
            Json.number(node, "oas", s.oas());
        }
        ArrayNode devices = root.putArray("devices");
        for (ProbedHost.Device d : host.devices()) {
            ObjectNode node = devices.addObject();
            node.put("device", d.bdf().toString()).put("smmu", d.smmu());
            Json.number(node, "group", d.group());
            Json.text(node, "driver", d.driver());
            Json.text(node, "vfio", d.vfioNode());
            Json.number(node, "msix", d.config().msix());
            boolean extended = d.config().extended();
            node.put("ats", extended ? d.config().ats() : null);
            node.put("pasid", extended ? d.config().pasidBits() : null);
        }
        ArrayNode notes = root.putArray("notes");
        host.notes().forEach(notes::add);
        root.put("description", report.yaml());
        return root;
    }
}
