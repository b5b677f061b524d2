package dev.belfry.vmm.firmware;

import java.nio.charset.StandardCharsets;

/// The header that all tables share (ACPI 6.5, 5.2.6).
final class AcpiTable {

    /// Bytes before the body.
    static final int HEADER = 36;

    private static final int CHECKSUM = 9;
    private static final int OEM_ID = 10;
    private static final int OEM_TABLE_ID = 16;

    private AcpiTable() {}

    /// A table: header and `body`. Nobody's yet, and without a checksum.
    static byte[] of(String signature, int revision, TableBytes body) {
        return new TableBytes()
                .text(signature)
                .u32(HEADER + body.size())
                .u8(revision)
                .zeros(1 + 6 + 8)
                .u32(1)
                .text("BXPC")
                .u32(1)
                .bytes(body.toArray())
                .toArray();
    }

    /// Somebody's table, with a checksum that makes all bytes add up to 0.
    static byte[] sealed(byte[] table, AcpiBoard.Oem oem) {
        byte[] out = table.clone();
        write(oem.id(), out, OEM_ID, 6);
        write(oem.table(), out, OEM_TABLE_ID, 8);
        out[CHECKSUM] = 0;
        out[CHECKSUM] = checksum(out, out.length);
        return out;
    }

    /// A name, filled up with zeros.
    static void write(String name, byte[] to, int at, int length) {
        byte[] ascii = name.getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(ascii, 0, to, at, Math.min(length, ascii.length));
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
