package dev.belfry.cli.json;

import dev.belfry.lab.run.HostLab;
import dev.belfry.model.bits.Hex;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// A host that was read, as JSON.
public final class HostJson {

    private HostJson() {}

    /// The object of `belfry host --json`. What could not be read is null.
    public static ObjectNode of(String version, HostLab.Report host) {
        ObjectNode root = Json.envelope(version, "host");
        root.put("name", host.name());
        root.put("kernel", host.kernel().isEmpty() ? null : host.kernel());
        Json.number(root, "cpus", host.cpus());
        Json.number(root, "numaNodes", host.nodes());
        ArrayNode pages = root.putArray("hugePages");
        for (HostLab.HugePages h : host.hugePages()) {
            pages.addObject().put("size", h.size()).put("count", h.count());
        }
        ArrayNode smmus = root.putArray("smmus");
        for (HostLab.Smmu s : host.smmus()) {
            ObjectNode node = smmus.addObject();
            node.put("name", s.name()).put("base", Hex.of(s.base()));
            Json.number(node, "oas", s.oas());
        }
        ArrayNode devices = root.putArray("devices");
        for (HostLab.Device d : host.devices()) {
            ObjectNode node = devices.addObject();
            node.put("device", d.bdf()).put("smmu", d.smmu());
            Json.number(node, "numaNode", d.node());
            Json.number(node, "group", d.group());
            ArrayNode reserved = node.putArray("reserved");
            for (HostLab.Reserved r : d.reserved()) {
                reserved.addObject()
                        .put("first", Hex.of(r.first()))
                        .put("last", Hex.of(r.last()))
                        .put("type", r.type());
            }
            Json.text(node, "driver", d.driver());
            Json.text(node, "vfio", d.vfio());
            Json.number(node, "msix", d.msix());
            node.put("ats", d.ats().orElse(null));
            Json.number(node, "pasid", d.pasidBits());
        }
        ArrayNode notes = root.putArray("notes");
        host.notes().forEach(notes::add);
        root.put("description", host.yaml());
        return root;
    }
}
