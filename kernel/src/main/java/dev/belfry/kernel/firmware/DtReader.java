package dev.belfry.kernel.firmware;

import dev.belfry.model.bits.Hex;
import java.util.Optional;

/// Reads the structure block (Devicetree 0.4, 5.4).
final class DtReader {

    private static final int BEGIN_NODE = 1;
    private static final int END_NODE = 2;
    private static final int PROP = 3;
    private static final int NOP = 4;
    private static final int END = 9;

    private static final int OFF_DT_STRUCT = 8;
    private static final int OFF_DT_STRINGS = 12;
    private static final int MAX_DEPTH = 64;
    private static final int MAX_NAME = 255;

    private final DtBytes blob;
    private final int strings;
    private int at;

    private DtReader(DtBytes blob) {
        this.blob = blob;
        at = blob.cell(OFF_DT_STRUCT);
        strings = blob.cell(OFF_DT_STRINGS);
    }

    static DtNode read(DtBytes blob) {
        DtReader reader = new DtReader(blob);
        if (reader.token() != BEGIN_NODE) {
            throw new FirmwareError("device tree: no root node");
        }
        DtNode root = new DtNode(reader.name(), Optional.empty());
        reader.content(root, 0);
        return root;
    }

    private void content(DtNode node, int depth) {
        if (depth > MAX_DEPTH) {
            throw new FirmwareError("device tree: nested too deeply");
        }
        while (true) {
            switch (token()) {
                case PROP -> property(node);
                case BEGIN_NODE -> {
                    DtNode child = new DtNode(name(), Optional.of(node));
                    node.add(child);
                    content(child, depth + 1);
                }
                case END_NODE -> {
                    return;
                }
                case END -> throw new FirmwareError("device tree: ends within " + node);
                default ->
                        throw new FirmwareError(
                                "device tree: no token before " + Hex.of(at) + " in " + node);
            }
        }
    }

    private int token() {
        int token = NOP;
        while (token == NOP) {
            token = blob.cell(at);
            at += 4;
        }
        return token;
    }

    private String name() {
        String name = blob.string(at, MAX_NAME);
        at = aligned(at + name.length() + 1);
        return name;
    }

    private void property(DtNode node) {
        int length = blob.cell(at);
        int nameAt = blob.cell(at + 4);
        DtBytes value = blob.slice(at + 8, length);
        at = aligned(at + 8 + length);
        node.add(blob.string(strings + checked(nameAt), MAX_NAME), value);
    }

    private int checked(int offset) {
        if (offset < 0 || strings < 0 || offset > blob.length() - strings) {
            throw new FirmwareError("device tree: a name outside of its strings");
        }
        return offset;
    }

    private static int aligned(int offset) {
        return (offset + 3) & -4;
    }
}
