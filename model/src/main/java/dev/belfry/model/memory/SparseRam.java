package dev.belfry.model.memory;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// RAM of any size that costs what is touched: a table of 64 KiB chunks, made on first write. Reads
/// of untouched RAM give zeros and make nothing.
public final class SparseRam implements PhysicalMemory {

    private static final int CHUNK_BITS = 16;
    private static final int CHUNK = 1 << CHUNK_BITS;
    private static final int CHUNK_MASK = CHUNK - 1;
    private static final int LEAF_BITS = 32;
    private static final int LEAF_MASK = (1 << (LEAF_BITS - CHUNK_BITS)) - 1;

    private static final VarHandle SHORT =
            MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle INT =
            MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle LONG =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private final long base;
    private final long size;
    private final @Nullable Leaf[] root;
    // Where the last access went. It spares table walks, which do little but read, one of three
    // loads that wait for one another.
    private Leaf last = new Leaf(-1, 0);

    /// The chunks of 4 GiB.
    private static final class Leaf {
        final int index;
        final byte[] @Nullable [] chunks;

        Leaf(int index, int size) {
            this.index = index;
            this.chunks = new byte[size][];
        }
    }

    /// RAM of `size` bytes from `base`.
    ///
    /// @param base physical address of the first byte, 64 KiB aligned
    /// @param size bytes, more than 0, at most 16 TiB, a multiple of 64 KiB
    public SparseRam(long base, long size) {
        if (size <= 0 || size > 1L << 44 || (size & CHUNK_MASK) != 0 || (base & CHUNK_MASK) != 0) {
            throw new IllegalArgumentException("RAM of " + size + " bytes at " + base);
        }
        this.base = base;
        this.size = size;
        this.root = new Leaf[(int) ((size - 1) >>> LEAF_BITS) + 1];
    }

    /// Physical address of the first byte.
    public long base() {
        return base;
    }

    /// Size in bytes.
    public long size() {
        return size;
    }

    /// Bytes of backing store in use: grows with what was written, in steps of 64 KiB.
    public long touchedBytes() {
        long chunks = 0;
        for (Leaf leaf : root) {
            if (leaf != null) {
                chunks += Arrays.stream(leaf.chunks).filter(c -> c != null).count();
            }
        }
        return chunks << CHUNK_BITS;
    }

    @Override
    public boolean accepts(long address, long length) {
        long offset = address - base;
        return Long.compareUnsigned(offset, size) < 0 && length > 0 && length <= size - offset;
    }

    @Override
    public long read(long address, int width) {
        long offset = address - base;
        int within = (int) offset & CHUNK_MASK;
        if (Long.compareUnsigned(offset, size) >= 0) {
            return 0;
        }
        // RAM ends with a chunk: what fits its chunk fits the RAM.
        if (within + width > CHUNK) {
            return accepts(address, width) ? readAcross(address, width) : 0;
        }
        byte[] chunk = chunk(offset);
        if (chunk == null) {
            return 0;
        }
        return switch (width) {
            case 8 -> (long) LONG.get(chunk, within);
            case 4 -> (int) INT.get(chunk, within) & 0xffff_ffffL;
            case 2 -> (short) SHORT.get(chunk, within) & 0xffffL;
            default -> chunk[within] & 0xffL;
        };
    }

    @Override
    public boolean write(long address, int width, long value, int requester) {
        long offset = address - base;
        int within = (int) offset & CHUNK_MASK;
        if (Long.compareUnsigned(offset, size) >= 0) {
            return false;
        }
        if (within + width > CHUNK) {
            return accepts(address, width) && writeAcross(address, width, value, requester);
        }
        byte[] chunk = chunkForWrite(offset);
        switch (width) {
            case 8 -> LONG.set(chunk, within, value);
            case 4 -> INT.set(chunk, within, (int) value);
            case 2 -> SHORT.set(chunk, within, (short) value);
            default -> chunk[within] = (byte) value;
        }
        return true;
    }

    @Override
    public boolean readBytes(long address, byte[] into, int offset, int length) {
        if (length == 0) {
            return true;
        }
        if (!accepts(address, length)) {
            return false;
        }
        int done = 0;
        while (done < length) {
            long at = address - base + done;
            int within = (int) at & CHUNK_MASK;
            int n = Math.min(length - done, CHUNK - within);
            byte[] chunk = chunk(at);
            if (chunk == null) {
                Arrays.fill(into, offset + done, offset + done + n, (byte) 0);
            } else {
                System.arraycopy(chunk, within, into, offset + done, n);
            }
            done += n;
        }
        return true;
    }

    @Override
    public boolean writeBytes(long address, byte[] from, int offset, int length) {
        if (length == 0) {
            return true;
        }
        if (!accepts(address, length)) {
            return false;
        }
        int done = 0;
        while (done < length) {
            long at = address - base + done;
            int within = (int) at & CHUNK_MASK;
            int n = Math.min(length - done, CHUNK - within);
            System.arraycopy(from, offset + done, chunkForWrite(at), within, n);
            done += n;
        }
        return true;
    }

    private long readAcross(long address, int width) {
        long value = 0;
        for (int i = 0; i < width; i++) {
            value |= read(address + i, 1) << (8 * i);
        }
        return value;
    }

    private boolean writeAcross(long address, int width, long value, int requester) {
        for (int i = 0; i < width; i++) {
            write(address + i, 1, value >>> (8 * i), requester);
        }
        return true;
    }

    private byte @Nullable [] chunk(long offset) {
        Leaf leaf = last;
        if (leaf.index != (int) (offset >>> LEAF_BITS)) {
            leaf = root[(int) (offset >>> LEAF_BITS)];
            if (leaf == null) {
                return null;
            }
            last = leaf;
        }
        return leaf.chunks[(int) (offset >>> CHUNK_BITS) & LEAF_MASK];
    }

    private byte[] chunkForWrite(long offset) {
        byte[] chunk = chunk(offset);
        return chunk != null ? chunk : makeChunk(offset);
    }

    private byte[] makeChunk(long offset) {
        int top = (int) (offset >>> LEAF_BITS);
        Leaf leaf = root[top];
        if (leaf == null) {
            long left = size - ((long) top << LEAF_BITS);
            leaf = new Leaf(top, (int) (Math.min(left, 1L << LEAF_BITS) >>> CHUNK_BITS));
            root[top] = leaf;
        }
        byte[] chunk = new byte[CHUNK];
        leaf.chunks[(int) (offset >>> CHUNK_BITS) & LEAF_MASK] = chunk;
        return chunk;
    }
}
