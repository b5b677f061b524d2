package dev.belfry.vmm.firmware;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/// Writes a flattened device tree (Devicetree 0.4, chapter 5; version 17). Everything in it is
/// big-endian.
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

    /// A tree whose root is filled in by `content`.
    static byte[] write(Consumer<Fdt> content) {
        Fdt fdt = new Fdt();
        fdt.node("", content);
        cell(fdt.structure, END);
        return fdt.blob();
    }

    /// A node below the current one.
    void node(String name, Consumer<Fdt> content) {
        cell(structure, BEGIN_NODE);
        structure.writeBytes(name.getBytes(StandardCharsets.US_ASCII));
        structure.write(0);
        align();
        content.accept(this);
        cell(structure, END_NODE);
    }

    /// A property without a value: its presence says it all.
    void flag(String name) {
        property(name, new byte[0]);
    }

    /// A property of 32-bit cells.
    void cells(String name, long... cells) {
        ByteArrayOutputStream value = new ByteArrayOutputStream();
        for (long cell : cells) {
            cell(value, cell);
        }
        property(name, value.toByteArray());
    }

    /// A property of 64-bit numbers, each two cells.
    void wide(String name, long... numbers) {
        cells(name, pairs(numbers));
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
    void strings(String name, String... values) {
        List<String> terminated = new ArrayList<>();
        for (String value : values) {
            terminated.add(value + "\0");
        }
        property(name, String.join("", terminated).getBytes(StandardCharsets.US_ASCII));
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

    private static void cell(ByteArrayOutputStream out, long value) {
        for (int shift = 24; shift >= 0; shift -= 8) {
            out.write((int) (value >>> shift));
        }
    }
}
