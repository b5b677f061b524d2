package dev.belfry.vmm.firmware;

import dev.belfry.vmm.version.QemuVersion;

/// The Hardware Error Source Table (ACPI 6.5, 18.3.2): generic sources of version 2, each with a
/// block that the VMM fills and a register in which the guest says that it has read it. Both are
/// found through addresses in guest memory, in a file that firmware places.
final class Hest {

    private static final int GENERIC_V2 = 10;
    private static final int SYNCHRONOUS_ABORT = 8;
    private static final int GPIO = 7;
    private static final int BLOCK = 1024;

    /// What the VMM and the guest share: addresses of blocks, acknowledgements, blocks.
    private final long file;

    private final int[] notifications;

    /// @param file where it is
    Hest(Board board, long file) {
        this.file = file;
        boolean injected =
                board.release().isAtLeast(QemuVersion.V10_2) && board.machine().isAtLeast(10, 2);
        notifications =
                injected ? new int[] {SYNCHRONOUS_ABORT, GPIO} : new int[] {SYNCHRONOUS_ABORT};
    }

    byte[] table() {
        TableBytes out = new TableBytes().u32(notifications.length);
        for (int i = 0; i < notifications.length; i++) {
            out.u16(GENERIC_V2).u16(i).u16(0xffff).u8(0).u8(1); // enabled
            out.u32(1).u32(1).u32(BLOCK);
            register(out, file + 8L * i);
            out.u8(notifications[i]).u8(28).zeros(26).u32(BLOCK);
            register(out, file + 8L * (notifications.length + i));
            out.u64(~1L).u64(1); // the guest sets the lowest bit and keeps the others
        }
        return AcpiTable.of("HEST", 1, out);
    }

    /// A generic address (5.2.3.2): memory, 64 bits at once.
    private static void register(TableBytes out, long address) {
        out.u8(0).u8(64).u8(0).u8(4).u64(address);
    }

    /// The file as firmware leaves it.
    byte[] shared() {
        TableBytes out = new TableBytes();
        int n = notifications.length;
        for (int i = 0; i < n; i++) {
            out.u64(file + 16L * n + (long) i * BLOCK);
        }
        for (int i = 0; i < n; i++) {
            out.u64(1); // nothing is waiting to be read
        }
        return out.zeros(n * BLOCK).toArray();
    }
}
