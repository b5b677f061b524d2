package dev.belfry.kernel.firmware;

import dev.belfry.kernel.firmware.IortNode.Body;
import dev.belfry.kernel.firmware.IortNode.Mapping;
import dev.belfry.kernel.firmware.IortNode.MemoryRange;
import dev.belfry.model.bits.Field;
import java.util.ArrayList;
import java.util.List;

/// Reads one node. Arrays must lie within it.
final class IortNodeReader {

    private static final int HEADER = 16;
    private static final int MAPPING = 20;
    private static final int RANGE = 20;

    /// Far more than a segment of 256 buses has use for; a bound on what a lookup costs.
    private static final int MAX_MAPPINGS = 4096;

    private static final Field COHACC_OVERRIDE = Field.bit(0);
    private static final Field DEVICEID_VALID = Field.bit(4);
    private static final Field CPM = Field.bit(0);
    private static final Field ATS_SUPPORTED = Field.bit(0);
    private static final Field SINGLE_MAPPING = Field.bit(0);

    private IortNodeReader() {}

    static IortNode read(Table table, int offset) {
        int length = table.u16(offset + 1L);
        if (length < HEADER) {
            throw table.malformed("a node of " + length + " bytes", offset);
        }
        Table node = new Table("IORT node", table.copy(offset, length));
        List<Mapping> mappings = mappings(node, node.count(8), node.count(12));
        Body body = body(node, mappings);
        return new IortNode(offset, length, node.u8(3), node.u32(4), mappings, body);
    }

    private static List<Mapping> mappings(Table node, int count, int offset) {
        if (count > MAX_MAPPINGS) {
            throw node.malformed(count + " id mappings", 8);
        }
        List<Mapping> mappings = new ArrayList<>();
        // Linux takes either being 0 for none.
        for (int i = 0; i < count && offset != 0; i++) {
            long at = offset + (long) MAPPING * i;
            mappings.add(
                    new Mapping(
                            node.u32(at),
                            node.u32(at + 4),
                            node.u32(at + 8),
                            node.u32(at + 12),
                            SINGLE_MAPPING.isSet(node.u32(at + 16))));
        }
        return mappings;
    }

    private static Body body(Table node, List<Mapping> mappings) {
        int type = node.u8(0);
        return switch (type) {
            case 0 -> itsGroup(node);
            case 2 -> rootComplex(node);
            case 4 -> smmu(node);
            case 6 -> rmr(node, mappings);
            default -> new IortNode.Other(type);
        };
    }

    private static Body itsGroup(Table node) {
        int count = node.count(16);
        List<Long> identifiers = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            identifiers.add(node.u32(20 + 4L * i));
        }
        return new IortNode.ItsGroup(identifiers);
    }

    private static Body rootComplex(Table node) {
        return new IortNode.RootComplex(
                CPM.isSet(node.u8(23)),
                ATS_SUPPORTED.isSet(node.u32(24)),
                node.u32(28),
                node.length() > 32 ? node.u8(32) : 64);
    }

    private static Body smmu(Table node) {
        long flags = node.u32(24);
        boolean indexed = node.length() >= 68;
        return new IortNode.Smmuv3(
                node.u64(16),
                COHACC_OVERRIDE.isSet(flags),
                DEVICEID_VALID.isSet(flags),
                node.u32(40),
                node.u32(44),
                node.u32(48),
                node.u32(52),
                node.u32(56),
                indexed ? node.u32(64) : 0);
    }

    private static Body rmr(Table node, List<Mapping> mappings) {
        int count = node.count(20);
        long offset = node.u32(24);
        List<MemoryRange> ranges = new ArrayList<>();
        for (int i = 0; i < count && offset != 0; i++) {
            long at = offset + (long) RANGE * i;
            ranges.add(new MemoryRange(node.u64(at), node.u64(at + 8)));
        }
        return new IortNode.Rmr(node.u32(16), mappings, ranges);
    }
}
