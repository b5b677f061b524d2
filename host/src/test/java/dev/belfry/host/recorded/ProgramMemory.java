package dev.belfry.host.recorded;

import dev.belfry.host.memory.UserMemory;
import dev.belfry.host.memory.UserVa;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/// The memory of the program that made the record, on the model: where the program had its four
/// regions, and where they are here.
final class ProgramMemory {

    /// 64 KiB to write to and read from: what calls point to.
    private static final long SCRATCH = 0x1000_0000L;

    /// 4 MiB that are mapped for devices.
    private static final long RAM = 0x2000_0000L;

    /// 64 KiB that are read-only; behind it nothing is mapped.
    private static final long READ_ONLY = 0x3000_0000L;

    private static final int SCRATCH_SIZE = 0x1_0000;
    private static final long RAM_SIZE = 0x40_0000;

    /// Changes that are so near to each other are one.
    private static final int NEAR = 16;

    private final UserMemory process;
    private final long scratch;
    private final long ram;
    private final long readOnly;
    private byte[] before = new byte[SCRATCH_SIZE];

    ProgramMemory(UserMemory process) {
        this.process = process;
        scratch = process.map(SCRATCH_SIZE).orThrow().value();
        ram = process.map(RAM_SIZE).orThrow().value();
        readOnly = process.mapReadOnly(SCRATCH_SIZE).orThrow().value();
    }

    /// An address of the program, here. What it had not mapped is not mapped here either.
    long toModel(long address) {
        long at = region(address, SCRATCH, SCRATCH_SIZE, scratch);
        at = at != 0 ? at : region(address, RAM, RAM_SIZE, ram);
        at = at != 0 ? at : region(address, READ_ONLY, SCRATCH_SIZE, readOnly);
        return at != 0 ? at : address;
    }

    private static long region(long address, long start, long size, long here) {
        return Long.compareUnsigned(address - start, size) < 0 ? here + address - start : 0;
    }

    void write(long address, byte[] bytes) {
        process.view().writeBytes(toModel(address), bytes, 0, bytes.length);
    }

    /// From now on changes are told.
    void watch() {
        before = now();
    }

    private byte[] now() {
        byte[] bytes = new byte[SCRATCH_SIZE];
        process.view().readBytes(new UserVa(scratch).value(), bytes, 0, SCRATCH_SIZE);
        return bytes;
    }

    /// What is not as it was, as the recording program tells it: whole words of 8 bytes.
    List<String> changes() {
        byte[] now = now();
        List<String> out = new ArrayList<>();
        int i = 0;
        while (i < SCRATCH_SIZE) {
            if (now[i] == before[i]) {
                i++;
                continue;
            }
            int last = i;
            for (int j = i; j < SCRATCH_SIZE && j <= last + NEAR; j++) {
                last = now[j] != before[j] ? j : last;
            }
            int from = i & -8;
            i = (last | 7) + 1;
            out.add(
                    "s+"
                            + Integer.toHexString(from)
                            + ":"
                            + HexFormat.of().formatHex(now, from, i));
        }
        return out;
    }
}
