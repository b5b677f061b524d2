package dev.belfry.qemu.live;

import dev.belfry.qemu.QemuError;
import dev.belfry.qemu.qmp.QmpClient;
import dev.belfry.qemu.qmp.QmpError;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// What QEMU says of the machine it runs.
///
/// @param tree its memory
/// @param pci what `query-pci` returns
/// @param cpus how many CPUs it has
/// @param kvm whether KVM runs it
/// @param status `running`, `paused` and so on
/// @param backend name of the memory region that is its RAM
/// @param ramFile the file behind its RAM, when there is one that is shared
record Machine(
        MemoryTree tree,
        JsonNode pci,
        int cpus,
        boolean kvm,
        String status,
        String backend,
        Optional<Path> ramFile) {

    private static final String DEFAULT_BACKEND = "mach-virt.ram";

    static Machine of(QmpClient qmp, Port port) {
        String object = property(qmp, "/machine", "memory-backend").asString("");
        String id = object.substring(object.lastIndexOf('/') + 1);
        return new Machine(
                MemoryTree.parse(port.monitor("info mtree -f")),
                qmp.execute("query-pci"),
                qmp.execute("query-cpus-fast").size(),
                qmp.execute("query-kvm").path("enabled").asBoolean(false),
                qmp.execute("query-status").path("status").asString("in an unknown state"),
                id.isEmpty() ? DEFAULT_BACKEND : id,
                object.isEmpty() ? Optional.empty() : ramFile(qmp, object));
    }

    private static Optional<Path> ramFile(QmpClient qmp, String object) {
        String path = property(qmp, object, "mem-path").asString("");
        boolean shared = property(qmp, object, "share").asBoolean(false);
        // A relative path is relative to QEMU's directory, not to ours.
        return path.startsWith("/") && shared ? Optional.of(Path.of(path)) : Optional.empty();
    }

    private static JsonNode property(QmpClient qmp, String object, String property) {
        ObjectNode arguments =
                JsonMapper.shared()
                        .createObjectNode()
                        .put("path", object)
                        .put("property", property);
        try {
            return qmp.execute("qom-get", arguments);
        } catch (QmpError e) {
            // Not every machine or backend has every property.
            return JsonMapper.shared().createObjectNode();
        }
    }

    /// The regions of RAM that one file backs.
    ///
    /// @throws QemuError when there is no such RAM
    List<MemoryTree.Region> backed() {
        List<MemoryTree.Region> out =
                tree.ram().stream().filter(r -> r.name().equals(backend)).toList();
        if (out.isEmpty()) {
            throw new QemuError("the machine has no RAM called " + backend);
        }
        return out;
    }
}
