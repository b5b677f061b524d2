package dev.belfry.vmm.firmware;

import dev.belfry.vmm.firmware.Board.Numa;
import dev.belfry.vmm.machine.MemoryAttributes;
import dev.belfry.vmm.machine.MemoryAttributes.Locality;
import dev.belfry.vmm.machine.MemoryAttributes.SideCache;
import dev.belfry.vmm.machine.MemoryAttributes.Value;
import java.util.List;
import java.util.stream.IntStream;

/// The Heterogeneous Memory Attribute Table (ACPI 6.5, 5.2.28), revision 2: who reaches each node's
/// memory, how fast, and through which caches.
final class Hmat {

    private static final int PROXIMITY = 0;
    private static final int LOCALITY = 1;
    private static final int SIDE_CACHE = 2;
    private static final int PICOSECONDS = 1000;
    private static final int MEBIBYTE_SHIFT = 20;

    private final Numa numa;
    private final MemoryAttributes said;

    /// Nodes with CPUs or devices.
    private final List<Integer> initiators;

    Hmat(Board board, MemoryAttributes said) {
        this.numa = board.numa();
        this.said = said;
        boolean devices = board.release().isAtLeast(9, 0);
        initiators =
                IntStream.range(0, numa.memory().size())
                        .filter(node ->
                                numa.cpus().contains(node)
                                        || (devices
                                                && numa.initiators().stream()
                                                        .anyMatch(i -> i.node() == node)))
                        .boxed()
                        .toList();
    }

    byte[] table() {
        TableBytes out = new TableBytes().u32(0);
        for (int node = 0; node < numa.memory().size(); node++) {
            // Linux refuses a table that speaks of memory where there is none.
            if (numa.memory().get(node) > 0) {
                proximity(out, node);
            }
        }
        said.localities().stream()
                .filter(l -> !l.values().isEmpty())
                .forEach(l -> locality(out, l));
        said.caches().forEach(c -> cache(out, c));
        return AcpiTable.of("HMAT", 2, out);
    }

    private void proximity(TableBytes out, int node) {
        int initiator =
                node < said.initiators().size()
                        ? said.initiators().get(node)
                        : MemoryAttributes.NO_INITIATOR;
        boolean valid = initiator != MemoryAttributes.NO_INITIATOR;
        out.u16(PROXIMITY).u16(0).u32(40).u16(valid ? 1 : 0).u16(0);
        out.u32(initiator).u32(node).u32(0).u64(0).u64(0);
    }

    private void locality(TableBytes out, Locality locality) {
        int targets = numa.memory().size();
        int[] entries = new int[initiators.size() * targets];
        for (Value value : locality.values()) {
            int row = initiators.indexOf(value.initiator());
            if (row >= 0 && value.target() < targets) {
                entries[row * targets + value.target()] =
                        (int) Long.divideUnsigned(value.amount(), locality.unit());
            }
        }
        int length = 32 + 4 * initiators.size() + 4 * targets + 2 * entries.length;
        out.u16(LOCALITY).u16(0).u32(length).u8(locality.hierarchy()).u8(locality.kind()).u16(0);
        out.u32(initiators.size()).u32(targets).u32(0);
        long unit =
                locality.latency()
                        ? locality.unit() * PICOSECONDS
                        : locality.unit() >>> MEBIBYTE_SHIFT;
        out.u64(unit & 0xffff_ffffL);
        initiators.forEach(out::u32);
        IntStream.range(0, targets).forEach(out::u32);
        for (int entry : entries) {
            out.u16(entry);
        }
    }

    private void cache(TableBytes out, SideCache cache) {
        long levels = said.caches().stream().filter(c -> c.node() == cache.node()).count();
        out.u16(SIDE_CACHE).u16(0).u32(32).u32(cache.node()).u32(0).u64(cache.size());
        out.u32(
                levels
                        | (long) cache.level() << 4
                        | (long) cache.associativity() << 8
                        | (long) cache.policy() << 12
                        | (long) cache.line() << 16);
        out.u16(0).u16(0);
    }
}
