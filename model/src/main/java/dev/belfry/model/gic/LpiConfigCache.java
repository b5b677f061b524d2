package dev.belfry.model.gic;

import dev.belfry.model.gic.spec.LpiConfig;
import dev.belfry.model.memory.PhysicalMemory;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Configuration bytes of LPIs as far as they were read, which Redistributors with one table may
/// have in common. Costs what is touched: 4 KiB for each 4,096 LPIs of which one was read.
final class LpiConfigCache {

    private static final int CHUNK_BITS = 12;
    private static final int CHUNK = 1 << CHUNK_BITS;
    // Bit 1 of a configuration byte means nothing, so here it says that the byte was read.
    private static final int KNOWN = 2;

    private final PhysicalMemory memory;
    private final boolean common;
    private byte[] @Nullable [] chunks = {};
    private long base;

    /// @param common whether several Redistributors use it
    LpiConfigCache(PhysicalMemory memory, boolean common) {
        this.memory = memory;
        this.common = common;
    }

    /// A Redistributor begins to use the table at `address`, which describes INTIDs below `limit`.
    /// What others read of it is kept.
    void place(long address, int limit) {
        int count = Math.max(1, limit >>> CHUNK_BITS);
        if (!common || address != base || count != chunks.length) {
            base = address;
            chunks = new byte[count][];
        }
    }

    /// Nothing was read.
    void forget() {
        Arrays.fill(chunks, null);
    }

    private int known(int intid) {
        byte[] chunk = chunks[intid >>> CHUNK_BITS];
        return chunk == null ? 0 : chunk[intid & (CHUNK - 1)] & 0xff;
    }

    /// The byte of an LPI, read now if it never was.
    int get(int intid) {
        int known = known(intid);
        return known != 0 ? known : load(intid);
    }

    boolean has(int intid) {
        return known(intid) != 0;
    }

    /// Reads the byte of an LPI again.
    int load(int intid) {
        int value = (int) memory.read(base + intid - LpiConfig.FIRST_LPI, 1) | KNOWN;
        byte[] chunk = chunks[intid >>> CHUNK_BITS];
        if (chunk == null) {
            chunk = new byte[CHUNK];
            chunks[intid >>> CHUNK_BITS] = chunk;
        }
        chunk[intid & (CHUNK - 1)] = (byte) value;
        return value;
    }
}
