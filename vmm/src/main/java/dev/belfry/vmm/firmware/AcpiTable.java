package dev.belfry.vmm.firmware;

/// The header that all tables share (ACPI 6.5, 5.2.6), with QEMU's names.
final class AcpiTable {

    /// Bytes before the body.
    static final int HEADER = 36;

    private static final int CHECKSUM = 9;

    private AcpiTable() {}

    /// A table: header, `body`, and a checksum that makes all bytes add up to 0.
    static byte[] of(String signature, int revision, TableBytes body) {
        byte[] table =
                new TableBytes()
                        .text(signature)
                        .u32(HEADER + body.size())
                        .u8(revision)
                        .u8(0)
                        .text("BOCHS ")
                        .text("BXPC    ")
                        .u32(1)
                        .text("BXPC")
                        .u32(1)
                        .bytes(body.toArray())
                        .toArray();
        table[CHECKSUM] = checksum(table, table.length);
        return table;
    }

    /// What the first `length` bytes lack to add up to 0.
    static byte checksum(byte[] bytes, int length) {
        byte sum = 0;
        for (int i = 0; i < length; i++) {
            sum += bytes[i];
        }
        return (byte) -sum;
    }
}
