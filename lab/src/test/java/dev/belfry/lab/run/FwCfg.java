package dev.belfry.lab.run;

import dev.belfry.qemu.qtest.QtestClient;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/// QEMU's firmware configuration device: files that a guest's firmware reads by DMA (QEMU
/// docs/specs/fw_cfg.rst).
///
/// @param qtest the machine
/// @param scratch RAM that nobody uses
record FwCfg(QtestClient qtest, long scratch) {

    private static final long DMA = 0x902_0010;
    private static final int DIRECTORY = 0x19;
    private static final int ENTRY = 64;
    private static final int READ = 1 << 1;
    private static final int SELECT = 1 << 3;

    /// The file of that name, made by QEMU when it is selected.
    byte[] file(String name) {
        for (int i = 0; i < ByteBuffer.wrap(read(DIRECTORY, 4)).getInt(); i++) {
            ByteBuffer entry = ByteBuffer.wrap(read(DIRECTORY, 4 + (i + 1) * ENTRY));
            entry.position(4 + i * ENTRY);
            int size = entry.getInt();
            int key = entry.getShort();
            byte[] text = new byte[56];
            entry.position(entry.position() + 2).get(text);
            if (new String(text, StandardCharsets.US_ASCII).startsWith(name + '\0')) {
                return read(key, size);
            }
        }
        throw new AssertionError("QEMU has no file " + name);
    }

    private byte[] read(int key, int size) {
        long data = scratch + 16;
        ByteBuffer access = ByteBuffer.allocate(16);
        access.putInt(key << 16 | SELECT | READ).putInt(size).putLong(data);
        qtest.writeBytes(scratch, access.array());
        qtest.write(DMA, 8, Long.reverseBytes(scratch));
        return qtest.readBytes(data, size);
    }
}
