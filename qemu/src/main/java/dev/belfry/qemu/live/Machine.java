package dev.belfry.qemu.live;

import dev.belfry.qemu.QemuError;
import dev.belfry.qemu.qmp.QmpClient;
import dev.belfry.qemu.qmp.QmpError;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
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
        // All that needs no other answer is asked before the first answer is awaited.
        Supplier<JsonNode> pci = qmp.ask("query-pci");
        Supplier<JsonNode> cpus = qmp.ask("query-cpus-fast");
        Supplier<JsonNode> kvm = qmp.ask("query-kvm");
        Supplier<JsonNode> status = qmp.ask("query-status");
        String object = answer(property(qmp, "/machine", "memory-backend")).asString("");
        String id = object.substring(object.lastIndexOf('/') + 1);
        Optional<Path> ramFile = object.isEmpty() ? Optional.empty() : ramFile(qmp, object);
        return new Machine(
                MemoryTree.parse(port.monitor("info mtree -f")),
                pci.get(),
                cpus.get().size(),
                kvm.get().path("enabled").asBoolean(false),
                status.get().path("status").asString("in an unknown state"),
                id.isEmpty() ? DEFAULT_BACKEND : id,
                ramFile);
    }

    private static Optional<Path> ramFile(QmpClient qmp, String object) {
        Supplier<JsonNode> file = property(qmp, object, "mem-path");
        Supplier<JsonNode> share = property(qmp, object, "share");
        String path = answer(file).asString("");
        boolean shared = answer(share).asBoolean(false);
        // A relative path is relative to QEMU's directory, not to ours.
        return path.startsWith("/") && shared ? Optional.of(Path.of(path)) : Optional.empty();
    }

    private static Supplier<JsonNode> property(QmpClient qmp, String object, String property) {
        ObjectNode arguments =
                JsonNodeFactory.instance.objectNode().put("path", object).put("property", property);
        return qmp.ask("qom-get", arguments);
    }

    /// Not every machine or backend has every property.
    private static JsonNode answer(Supplier<JsonNode> asked) {
        try {
            return asked.get();
        } catch (QmpError e) {
            return JsonNodeFactory.instance.objectNode();
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
