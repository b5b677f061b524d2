package dev.belfry.vmm.firmware;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Writes a flattened device tree (Devicetree 0.4, chapter 5; version 17). Everything in it is
/// big-endian.
///
/// QEMU's library puts each new property and node before those that are there already, so they
/// stand in the blob in the reverse of the order in which they were made; so they do here.
final class Fdt {

    private static final int MAGIC = 0xd00d_feed;
    private static final int VERSION = 17;
    private static final int LAST_COMPATIBLE_VERSION = 16;
    private static final int HEADER = 40;
    private static final int NO_RESERVATIONS = 16;

    private static final int BEGIN_NODE = 1;
    private static final int END_NODE = 2;
    private static final int PROP = 3;
    private static final int END = 9;

    private final ByteArrayOutputStream structure = new ByteArrayOutputStream();
    private final ByteArrayOutputStream strings = new ByteArrayOutputStream();
    private final Map<String, Integer> names = new LinkedHashMap<>();

    private Fdt() {}

    /// The blob of a tree.
    static byte[] write(FdtNode root) {
        Fdt fdt = new Fdt();
        fdt.node(root);
        cell(fdt.structure, END);
        return fdt.blob();
    }

    private void node(FdtNode node) {
        cell(structure, BEGIN_NODE);
        structure.writeBytes(node.name().getBytes(StandardCharsets.US_ASCII));
        structure.write(0);
        align();
        for (Map.Entry<String, byte[]> p : List.copyOf(node.properties().entrySet()).reversed()) {
            property(p.getKey(), p.getValue());
        }
        node.children().reversed().forEach(this::node);
        cell(structure, END_NODE);
    }

    private void property(String name, byte[] value) {
        cell(structure, PROP);
        cell(structure, value.length);
        cell(structure, names.computeIfAbsent(name, this::addString));
        structure.writeBytes(value);
        align();
    }

    private int addString(String name) {
        int at = strings.size();
        strings.writeBytes(name.getBytes(StandardCharsets.US_ASCII));
        strings.write(0);
        return at;
    }

    private void align() {
        while (structure.size() % 4 != 0) {
            structure.write(0);
        }
    }

    private byte[] blob() {
        int structureAt = HEADER + NO_RESERVATIONS;
        int stringsAt = structureAt + structure.size();
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        int[] header = {
            MAGIC,
            stringsAt + strings.size(),
            structureAt,
            stringsAt,
            HEADER,
            VERSION,
            LAST_COMPATIBLE_VERSION,
            0,
            strings.size(),
            structure.size()
        };
        for (int word : header) {
            cell(out, word);
        }
        out.writeBytes(new byte[NO_RESERVATIONS]);
        out.writeBytes(structure.toByteArray());
        out.writeBytes(strings.toByteArray());
        return out.toByteArray();
    }

    static void cell(ByteArrayOutputStream out, long value) {
        for (int shift = 24; shift >= 0; shift -= 8) {
            out.write((int) (value >>> shift));
        }
    }
}
