package dev.belfry.lab.run;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/// What firmware does with QEMU's tables: puts files into memory, writes their addresses where they
/// are referred to, and adds checksums, as the file `etc/table-loader` tells it.
final class TableLoader {

    private static final int COMMAND = 128;
    private static final int ALLOCATE = 1;
    private static final int ADD_POINTER = 2;
    private static final int ADD_CHECKSUM = 3;

    private final Map<String, byte[]> files = new HashMap<>();
    private final Map<String, Long> addresses;

    private TableLoader(Map<String, Long> addresses) {
        this.addresses = addresses;
    }

    /// @param addresses where each file is put
    /// @return the files, with pointers and checksums
    static Map<String, byte[]> load(FwCfg source, Map<String, Long> addresses) {
        TableLoader loader = new TableLoader(addresses);
        byte[] script = source.file("etc/table-loader");
        for (int at = 0; at + COMMAND <= script.length; at += COMMAND) {
            loader.run(source, ByteBuffer.wrap(script, at, COMMAND).slice());
        }
        return loader.files;
    }

    private void run(FwCfg source, ByteBuffer command) {
        command.order(ByteOrder.LITTLE_ENDIAN);
        switch (command.getInt()) {
            case ALLOCATE -> files.computeIfAbsent(name(command), source::file);
            case ADD_POINTER -> pointer(file(name(command)), name(command), command);
            case ADD_CHECKSUM -> checksum(file(name(command)), command);
            default -> {}
        }
    }

    private byte[] file(String name) {
        byte[] file = files.get(name);
        if (file == null) {
            throw new AssertionError("not allocated: " + name);
        }
        return file;
    }

    private static String name(ByteBuffer from) {
        byte[] text = new byte[56];
        from.get(text);
        return new String(text, StandardCharsets.US_ASCII).replaceAll("\0.*", "");
    }

    private void pointer(byte[] to, String source, ByteBuffer command) {
        int offset = command.getInt();
        int size = command.get();
        ByteBuffer out = ByteBuffer.wrap(to).order(ByteOrder.LITTLE_ENDIAN);
        long base = addresses.getOrDefault(source, 0L);
        if (size == 8) {
            out.putLong(offset, out.getLong(offset) + base);
        } else {
            out.putInt(offset, out.getInt(offset) + (int) base);
        }
    }

    private static void checksum(byte[] file, ByteBuffer command) {
        int at = command.getInt();
        int start = command.getInt();
        int length = command.getInt();
        byte sum = 0;
        for (int i = start; i < start + length; i++) {
            sum += file[i];
        }
        file[at] -= sum;
    }
}
