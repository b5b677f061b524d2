package dev.belfry.qemu.capture;

import dev.belfry.model.bits.Hex;
import dev.belfry.model.journey.Bytes;
import dev.belfry.model.system.Snapshot;
import dev.belfry.model.system.Snapshot.FrameImage;
import dev.belfry.model.system.SystemView.Function;
import dev.belfry.model.system.SystemView.Ram;
import java.io.ByteArrayOutputStream;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// The plain content of a bundle: a line of JSON, then the bytes it announces.
final class BundleWriter {

    private BundleWriter() {}

    static ByteArrayOutputStream write(Snapshot snapshot) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(JsonMapper.shared().writeValueAsBytes(manifest(snapshot)));
        out.write('\n');
        for (FrameImage frame : snapshot.frames()) {
            for (Map.Entry<Long, Long> r : frame.registers().values().entrySet()) {
                out.writeBytes(Bytes.ofValue(r.getKey(), 8).toArray());
                out.writeBytes(Bytes.ofValue(r.getValue(), 4).toArray());
            }
        }
        for (Function f : snapshot.functions()) {
            out.writeBytes(f.config().toArray());
            out.writeBytes(f.msixTable().toArray());
        }
        PageRecords.write(snapshot.memory(), out);
        return out;
    }

    private static ObjectNode manifest(Snapshot snapshot) {
        ObjectNode root = JsonMapper.shared().createObjectNode();
        root.put("format", "belfry-bundle").put("version", Bundle.VERSION);
        root.put("source", snapshot.source());
        ArrayNode notes = root.putArray("notes");
        snapshot.notes().forEach(notes::add);
        ArrayNode ram = root.putArray("ram");
        for (Ram r : snapshot.ram()) {
            ram.addObject().put("base", Hex.of(r.base())).put("size", Hex.of(r.size()));
        }
        ArrayNode frames = root.putArray("frames");
        for (FrameImage f : snapshot.frames()) {
            frames.addObject()
                    .put("kind", f.kind().name())
                    .put("name", f.name())
                    .put("base", Hex.of(f.base()))
                    .put("registers", f.registers().values().size());
        }
        ArrayNode functions = root.putArray("functions");
        for (Function f : snapshot.functions()) {
            functions
                    .addObject()
                    .put("segment", f.bdf().segment())
                    .put("routingId", Hex.of(f.bdf().routingId()))
                    .put("config", f.config().length())
                    .put("msix", f.msixTable().length())
                    .put("msixAddress", Hex.of(f.msixTableAddress()));
        }
        snapshot.kernelGic()
                .ifPresent(gic -> KernelGicJson.write(gic, root.putObject("kernelGic")));
        root.put("pages", snapshot.memory().addresses().size());
        return root;
    }
}
