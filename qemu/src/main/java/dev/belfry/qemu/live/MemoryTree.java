package dev.belfry.qemu.live;

import dev.belfry.qemu.QemuError;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What the machine's CPUs see at which address: the system's part of the monitor's `info mtree
/// -f`.
///
/// @param regions by address
record MemoryTree(List<Region> regions) {

    private static final Pattern LINE =
            Pattern.compile(
                    "\\s*([0-9a-f]{16})-([0-9a-f]{16}) \\(prio -?\\d+, ([a-z/]+)\\): (.*?)"
                            + "(?: @([0-9a-f]{16}))?(?: KVM)?\\s*");

    /// A region.
    ///
    /// @param base physical address
    /// @param size bytes
    /// @param kind `ram`, `rom`, `romd`, `ramd` or `i/o`
    /// @param name QEMU's name of the memory region
    /// @param offset where in that memory region it begins
    record Region(long base, long size, String kind, String name, long offset) {
        boolean isRam() {
            return kind.equals("ram");
        }
    }

    /// Reads the monitor's text.
    ///
    /// @throws QemuError when it has no flat view of the system's memory
    static MemoryTree parse(String text) {
        List<Region> regions = new ArrayList<>();
        boolean system = false;
        for (String line : text.split("\n", -1)) {
            if (line.startsWith("FlatView")) {
                system = false;
            } else if (line.strip().equals("AS \"memory\", root: system")) {
                system = true;
            } else if (system) {
                Matcher m = LINE.matcher(line);
                if (m.matches()) {
                    regions.add(region(m));
                }
            }
        }
        if (regions.isEmpty()) {
            throw new QemuError("QEMU's info mtree -f does not show the system's memory");
        }
        return new MemoryTree(List.copyOf(regions));
    }

    private static Region region(Matcher m) {
        long first = Long.parseUnsignedLong(m.group(1), 16);
        long last = Long.parseUnsignedLong(m.group(2), 16);
        String offset = m.group(5);
        return new Region(
                first,
                last - first + 1,
                m.group(3),
                m.group(4),
                offset == null ? 0 : Long.parseUnsignedLong(offset, 16));
    }

    /// Regions of that name.
    List<Region> named(String name) {
        return regions.stream().filter(r -> r.name.equals(name)).toList();
    }

    /// RAM.
    List<Region> ram() {
        return regions.stream().filter(Region::isRam).toList();
    }

    /// Control frames of ITSs: QEMU calls them just `control`, so what follows must be the
    /// `translation` frame.
    List<Region> itss() {
        return named("control").stream()
                .filter(c -> named("translation").stream().anyMatch(t -> t.base == c.base + c.size))
                .toList();
    }

    /// Regions with redistributors, in CPU order.
    List<Region> redistributors() {
        return regions.stream().filter(r -> r.name.startsWith("gicv3_redist_region[")).toList();
    }
}
