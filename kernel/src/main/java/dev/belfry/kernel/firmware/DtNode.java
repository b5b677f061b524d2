package dev.belfry.kernel.firmware;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A node of a device tree.
public final class DtNode {

    private final String name;
    private final Optional<DtNode> parent;
    private final Map<String, DtBytes> properties = new LinkedHashMap<>();
    private final List<DtNode> children = new ArrayList<>();

    DtNode(String name, Optional<DtNode> parent) {
        this.name = name;
        this.parent = parent;
    }

    void add(DtNode child) {
        children.add(child);
    }

    void add(String property, DtBytes value) {
        properties.putIfAbsent(property, value);
    }

    /// With the unit address, such as `pcie@10000000`; empty for the root.
    public String name() {
        return name;
    }

    /// The node above; the root has none.
    public Optional<DtNode> parent() {
        return parent;
    }

    /// In the blob's order.
    public List<DtNode> children() {
        return List.copyOf(children);
    }

    /// Whether there is a property, with or without a value.
    public boolean has(String property) {
        return properties.containsKey(property);
    }

    /// A property as 32-bit cells, an incomplete last one left out; empty without.
    public List<Integer> cells(String property) {
        DtBytes value = properties.getOrDefault(property, new DtBytes(new byte[0]));
        List<Integer> cells = new ArrayList<>();
        for (int at = 0; at + 4 <= value.length(); at += 4) {
            cells.add(value.cell(at));
        }
        return cells;
    }

    /// The first cell of a property.
    public Optional<Integer> cell(String property) {
        return cells(property).stream().findFirst();
    }

    /// A property as a list of strings.
    public List<String> strings(String property) {
        DtBytes value = properties.getOrDefault(property, new DtBytes(new byte[0]));
        List<String> strings = new ArrayList<>();
        int at = 0;
        while (at < value.length() && terminated(value, at)) {
            String text = value.string(at, value.length());
            strings.add(text);
            at += text.length() + 1;
        }
        return strings;
    }

    private static boolean terminated(DtBytes value, int from) {
        for (int at = from; at < value.length(); at++) {
            if (value.u8(at) == 0) {
                return true;
            }
        }
        return false;
    }

    /// `reg`: addresses and sizes as wide as the parent says.
    ///
    /// @throws FirmwareError when they are wider than 64 bits
    public List<DtRange> reg() {
        int addressCells = parent.map(p -> p.cell("#address-cells").orElse(2)).orElse(2);
        int sizeCells = parent.map(p -> p.cell("#size-cells").orElse(1)).orElse(1);
        if (addressCells < 0 || addressCells > 2 || sizeCells < 0 || sizeCells > 2) {
            throw new FirmwareError("device tree: reg of " + name + " is too wide");
        }
        List<Integer> cells = cells("reg");
        List<DtRange> ranges = new ArrayList<>();
        int entry = addressCells + sizeCells;
        for (int at = 0; entry > 0 && at + entry <= cells.size(); at += entry) {
            ranges.add(
                    new DtRange(
                            join(cells.subList(at, at + addressCells)),
                            join(cells.subList(at + addressCells, at + entry))));
        }
        return ranges;
    }

    /// Cells as one number, the first one highest.
    static long join(List<Integer> cells) {
        long number = 0;
        for (int cell : cells) {
            number = number << 32 | Integer.toUnsignedLong(cell);
        }
        return number;
    }

    @Override
    public String toString() {
        return name.isEmpty() ? "/" : name;
    }
}
