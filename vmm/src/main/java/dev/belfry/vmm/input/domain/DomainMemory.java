package dev.belfry.vmm.input.domain;

import dev.belfry.vmm.cmdline.Position;
import dev.belfry.vmm.input.domain.DomainOptions.Pairs;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/// `<memory>`, `<memoryBacking>`, `<cpu><numa>`: RAM, what is behind it, and its NUMA nodes.
final class DomainMemory {

    /// libvirt's name for the backend of all RAM.
    private static final String ALL = "mach-virt.ram";

    private static final long MIB = 1 << 20;

    private final XmlElement domain;
    private final XmlElement backing;
    private final List<XmlElement> cells;
    private final DomainOptions out;

    DomainMemory(XmlElement domain, DomainOptions out) {
        this.domain = domain;
        this.out = out;
        this.backing = domain.child("memoryBacking");
        this.cells = domain.child("cpu").child("numa").all("cell").toList();
    }

    /// The id of the backend of all RAM; with NUMA each node has its own.
    String backendOfAll() {
        return cells.isEmpty() && domain.find("memory").isPresent() ? ALL : "";
    }

    void memory() {
        XmlElement memory = domain.child("memory");
        long size = size(memory, memory.text(), "memory");
        Pairs m = DomainOptions.pairs(memory.at());
        m.add("size", (size >> 10) + "k");
        domain.find("maxMemory")
                .ifPresent(max -> {
                    m.addFrom(max, "slots", "slots");
                    m.add("maxmem", (size(max, max.text(), "maxMemory") >> 10) + "k", max.at());
                });
        if (domain.find("memory").isPresent()) {
            out.option("m", m);
            if (cells.isEmpty()) {
                backend(ALL, size, memory.at(), Optional.empty());
            }
        }
        if (backing.find("locked").isPresent()) {
            out.text("overcommit", "mem-lock=on", backing.child("locked").at());
        }
    }

    private long size(XmlElement element, String number, String what) {
        OptionalLong size = Quantity.bytes(number, element.get("unit"));
        if (size.isEmpty() && !number.isEmpty()) {
            out.error(
                    "XML-SIZE",
                    element.at(),
                    "<" + what + ">: '" + number + "' " + element.get("unit") + " is not a size",
                    "as in <memory unit='GiB'>16</memory>");
        }
        return rounded(size.orElse(0));
    }

    /// libvirt gives QEMU whole MiB.
    private static long rounded(long bytes) {
        return bytes > Long.MAX_VALUE - MIB ? bytes : (bytes + MIB - 1) / MIB * MIB;
    }

    /// Huge pages, files and shared memory are what differs; all of it is `memory-backend-*`.
    private void backend(String id, long size, Position at, Optional<XmlElement> cell) {
        Optional<XmlElement> huge = backing.find("hugepages");
        String source = backing.child("source").get("type");
        String access = cell.map(c -> c.get("memAccess")).filter(a -> !a.isEmpty()).orElse("");
        String mode = access.isEmpty() ? backing.child("access").get("mode") : access;
        String type =
                source.equals("memfd")
                        ? "memory-backend-memfd"
                        : huge.isPresent() || source.equals("file")
                                ? "memory-backend-file"
                                : "memory-backend-ram";
        Pairs object = DomainOptions.pairs(at).add("qom-type", type).add("id", id);
        if (type.equals("memory-backend-file")) {
            object.add(
                    "mem-path",
                    huge.isPresent() ? "/dev/hugepages/libvirt/qemu" : "/var/lib/libvirt/qemu/ram",
                    huge.map(XmlElement::at).orElse(at));
        }
        if (type.equals("memory-backend-memfd") && huge.isPresent()) {
            object.add("hugetlb", "on", huge.get().at());
            page(huge.get()).ifPresent(p -> object.add("hugetlbsize", p, huge.get().at()));
        }
        if (mode.equals("shared")) {
            object.add("share", "on", backing.child("access").at());
        }
        if (huge.isPresent() || backing.child("allocation").get("mode").equals("immediate")) {
            object.add("prealloc", "on", backing.at());
        }
        out.object(object.add("size", Long.toString(size)));
    }

    private static Optional<String> page(XmlElement hugepages) {
        return hugepages
                .all("page")
                .map(p -> Quantity.bytes(p.get("size"), p.get("unit")))
                .filter(OptionalLong::isPresent)
                .map(p -> Long.toString(p.getAsLong()))
                .findFirst();
    }

    void numa() {
        int next = 0;
        for (XmlElement cell : cells) {
            String id = cell.get("id", Integer.toString(next));
            next = Quantity.number(id, 1 << 10).orElse(next) + 1;
            Pairs node = DomainOptions.pairs(cell.at()).add("type", "node");
            node.add("nodeid", id, cell.at("id"));
            for (String range : cell.get("cpus").split(",")) {
                if (!range.isBlank() && !range.startsWith("^")) {
                    node.add("cpus", range.strip(), cell.at("cpus"));
                }
            }
            long size = size(cell, cell.get("memory"), "cell");
            if (size > 0) {
                String backend = "ram-node" + id;
                backend(backend, size, cell.at(), Optional.of(cell));
                node.add("memdev", backend, cell.at("memory"));
            }
            out.option("numa", node);
        }
        for (XmlElement cell : cells) {
            cell.child("distances")
                    .all("sibling")
                    .forEach(s ->
                            out.option(
                                    "numa",
                                    DomainOptions.pairs(s.at())
                                            .add("type", "dist")
                                            .add("src", cell.get("id", "0"))
                                            .add("dst", s.get("id"))
                                            .add("val", s.get("value"))));
        }
    }
}
