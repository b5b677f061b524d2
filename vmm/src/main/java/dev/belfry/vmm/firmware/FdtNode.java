package dev.belfry.vmm.firmware;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// A node of a device tree that is being built: properties and children in the order in which they
/// were made.
final class FdtNode {

    private final String name;
    private final Map<String, byte[]> properties = new LinkedHashMap<>();
    private final Map<String, FdtNode> children = new LinkedHashMap<>();

    private FdtNode(String name) {
        this.name = name;
    }

    static FdtNode root() {
        return new FdtNode("");
    }

    String name() {
        return name;
    }

    Map<String, byte[]> properties() {
        return properties;
    }

    List<FdtNode> children() {
        return new ArrayList<>(children.values());
    }

    /// The child of that name, made if there is none.
    FdtNode child(String childName) {
        return children.computeIfAbsent(childName, FdtNode::new);
    }

    /// The child `name@address`.
    FdtNode child(String kind, long address) {
        return child(kind + "@" + Long.toHexString(address));
    }

    /// A property without a value: its presence says it all.
    FdtNode flag(String property) {
        properties.put(property, new byte[0]);
        return this;
    }

    /// A property of 32-bit cells.
    FdtNode cells(String property, long... cells) {
        ByteArrayOutputStream value = new ByteArrayOutputStream();
        for (long cell : cells) {
            Fdt.cell(value, cell);
        }
        properties.put(property, value.toByteArray());
        return this;
    }

    /// A property of 64-bit numbers, each two cells.
    FdtNode wide(String property, long... numbers) {
        return cells(property, pairs(numbers));
    }

    /// Each number as two cells, the high one first.
    static long[] pairs(long... numbers) {
        long[] cells = new long[numbers.length * 2];
        for (int i = 0; i < numbers.length; i++) {
            cells[2 * i] = numbers[i] >>> 32;
            cells[2 * i + 1] = numbers[i];
        }
        return cells;
    }

    /// A property that is a list of strings.
    FdtNode strings(String property, String... values) {
        ByteArrayOutputStream value = new ByteArrayOutputStream();
        for (String text : values) {
            value.writeBytes(text.getBytes(StandardCharsets.UTF_8));
            value.write(0);
        }
        properties.put(property, value.toByteArray());
        return this;
    }
}
