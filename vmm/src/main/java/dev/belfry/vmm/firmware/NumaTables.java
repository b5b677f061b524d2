package dev.belfry.vmm.firmware;

import dev.belfry.vmm.firmware.Board.Numa;
import dev.belfry.vmm.firmware.FirmwareInputs.Window;
import java.util.List;

/// Which CPUs, memory and devices belong to which node, and how far apart nodes are (ACPI 6.5,
/// 5.2.16 and 5.2.17).
final class NumaTables {

    private static final int MEMORY = 1;
    private static final int GICC = 3;
    private static final int GENERIC_INITIATOR = 5;
    private static final int PCI_HANDLE = 1;
    private static final int ENABLED = 1;
    private static final int HOT_PLUGGABLE = 1 << 1;

    private NumaTables() {}

    /// Revision 3.
    static byte[] srat(FirmwareInputs inputs) {
        Numa numa = inputs.board().numa();
        TableBytes out = new TableBytes().u32(1).u64(0);
        for (int cpu = 0; cpu < numa.cpus().size(); cpu++) {
            out.u8(GICC).u8(18).u32(numa.cpus().get(cpu)).u32(cpu).u32(ENABLED).u32(0);
        }
        long base = inputs.ram().base();
        for (int node = 0; node < numa.memory().size(); node++) {
            long size = numa.memory().get(node);
            if (size > 0) {
                memory(out, node, new Window(base, size), ENABLED);
                base += size;
            }
        }
        for (Board.Initiator i : numa.initiators()) {
            // A handle has the bus first, and then device and function.
            int bdf = Integer.reverseBytes(i.requesterId()) >>> 16;
            out.u8(GENERIC_INITIATOR).u8(32).u8(0).u8(PCI_HANDLE).u32(i.node());
            out.u16(0).u16(bdf).zeros(12).u32(ENABLED).u32(0);
        }
        int last = numa.memory().size() - 1;
        inputs.board()
                .acpi()
                .deviceMemory()
                .ifPresent(window -> memory(out, last, window, ENABLED | HOT_PLUGGABLE));
        return AcpiTable.of("SRAT", 3, out);
    }

    private static void memory(TableBytes out, int node, Window window, int flags) {
        out.u8(MEMORY).u8(40).u32(node).u16(0).u64(window.base()).u64(window.size());
        out.u32(0).u32(flags).u64(0);
    }

    static byte[] slit(List<List<Integer>> distances) {
        TableBytes out = new TableBytes().u64(distances.size());
        distances.forEach(row -> row.forEach(out::u8));
        return AcpiTable.of("SLIT", 1, out);
    }
}
