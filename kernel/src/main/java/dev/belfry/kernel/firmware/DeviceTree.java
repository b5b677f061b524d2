package dev.belfry.kernel.firmware;

import dev.belfry.model.bits.Hex;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A device tree, read from a blob (Devicetree 0.4, chapter 5).
public final class DeviceTree {

    private static final byte[] MAGIC = {(byte) 0xd0, 0x0d, (byte) 0xfe, (byte) 0xed};
    private static final int HEADER = 40;
    private static final int OFF_DT_STRUCT = 8;
    private static final int OFF_DT_STRINGS = 12;
    private static final int VERSION = 20;
    private static final int SIZE_DT_STRINGS = 32;
    private static final int SIZE_DT_STRUCT = 36;
    private static final int VERSION_WITH_SIZES = 17;
    private static final int MAX_SIZE = 1 << 21;
    private static final int PAGE = 4096;
    private static final int ALIGNMENT = 8;

    private final DtNode root;
    private final Map<Integer, DtNode> byPhandle = new HashMap<>();

    private DeviceTree(DtNode root) {
        this.root = root;
        for (DtNode node : nodes()) {
            node.cell("phandle").ifPresent(phandle -> byPhandle.putIfAbsent(phandle, node));
        }
    }

    /// The tree at an address.
    ///
    /// @throws FirmwareError when there is none, or it is malformed
    public static DeviceTree at(FirmwareMemory memory, long address) {
        DtBytes header = new DtBytes(memory.read(address, HEADER));
        for (int i = 0; i < MAGIC.length; i++) {
            if (header.u8(i) != (MAGIC[i] & 0xff)) {
                throw new FirmwareError("no device tree at " + Hex.of(address));
            }
        }
        int size = header.cell(4);
        if (size < HEADER || size > MAX_SIZE) {
            throw new FirmwareError("a device tree of " + Hex.of(size) + " bytes");
        }
        return new DeviceTree(DtReader.read(new DtBytes(memory.read(address, used(header, size)))));
    }

    /// How far the blocks reach: loaders pad a tree to a megabyte and more, of which a few
    /// kilobytes say something. Before version 17 only the whole size is known.
    private static int used(DtBytes header, int size) {
        if (header.cell(VERSION) < VERSION_WITH_SIZES) {
            return size;
        }
        long structure = end(header, OFF_DT_STRUCT, SIZE_DT_STRUCT);
        long strings = end(header, OFF_DT_STRINGS, SIZE_DT_STRINGS);
        return Math.clamp(Math.max(structure, strings), HEADER, size);
    }

    private static long end(DtBytes header, int offset, int size) {
        return Integer.toUnsignedLong(header.cell(offset))
                + Integer.toUnsignedLong(header.cell(size));
    }

    /// Searches memory for a tree by its magic number.
    ///
    /// @param first where to begin
    /// @param size how many bytes to search; pages that cannot be read are passed over
    /// @return the first that can be read
    public static Optional<DeviceTree> find(FirmwareMemory memory, long first, long size) {
        return new SignatureSearch(memory, MAGIC, ALIGNMENT)
                .in(first, size, PAGE, address -> at(memory, address));
    }

    /// The root node.
    public DtNode root() {
        return root;
    }

    /// All nodes, parents before their children.
    public List<DtNode> nodes() {
        List<DtNode> all = new ArrayList<>();
        all.add(root);
        for (int i = 0; i < all.size(); i++) {
            all.addAll(all.get(i).children());
        }
        return all;
    }

    /// Nodes with a string among their `compatible`.
    public List<DtNode> compatible(String with) {
        return nodes().stream().filter(n -> n.strings("compatible").contains(with)).toList();
    }

    /// The node that a reference means.
    public Optional<DtNode> byPhandle(int phandle) {
        return Optional.ofNullable(byPhandle.get(phandle));
    }

    /// What an id becomes by a map such as `iommu-map` or `msi-map` with its mask, as Linux's
    /// `of_map_id` reads them: the first entry that covers the masked id.
    ///
    /// @param node who has the properties
    /// @param map the map's name; the mask's is that and `-mask`
    /// @param id requester id
    public IdLookup lookup(DtNode node, String map, long id) {
        return DtIdMap.of(node, map).lookup(id);
    }
}
