package dev.belfry.host.memory;

import dev.belfry.host.uapi.Errno;
import dev.belfry.host.uapi.Result;
import dev.belfry.model.memory.PhysicalMemory;
import java.util.List;

/// A file in memory (`memfd_create`, `ftruncate`): pages that belong to no process.
///
/// It cannot be mapped into a process here; [#view] reads and writes it.
public final class MemFile {

    private final UserMemory pages;
    private final UserVa start;
    private final long size;

    private MemFile(UserMemory pages, UserVa start, long size) {
        this.pages = pages;
        this.start = start;
        this.size = size;
    }

    /// Makes a file of `size` bytes.
    ///
    /// @param pages where its pages come from; nobody else's
    /// @return `EINVAL` when `size` is not of whole pages, `ENOMEM` when the host has not enough
    public static Result<MemFile> create(UserMemory pages, long size) {
        return pages.map(size).map(start -> new MemFile(pages, start, size));
    }

    /// A file of no bytes.
    public static MemFile empty(UserMemory pages) {
        return new MemFile(pages, new UserVa(0), 0);
    }

    /// Bytes.
    public long size() {
        return size;
    }

    /// `memfd_pin_folios`: where `[offset, offset + length)` lies in host memory.
    ///
    /// @return `EINVAL` beyond the end
    public Result<List<UserMemory.Run>> pin(long offset, long length) {
        boolean inside = offset >= 0 && length >= 0 && offset <= size && length <= size - offset;
        return inside
                ? pages.pin(start.plus(offset), length, true)
                : Result.err(Errno.EINVAL, "the file has " + size + " bytes");
    }

    /// Its bytes, by offset.
    public PhysicalMemory view() {
        return new Shifted(pages.view(), start.value());
    }

    /// Memory of which offset 0 is address `base`.
    private record Shifted(PhysicalMemory memory, long base) implements PhysicalMemory {
        @Override
        public boolean accepts(long address, long length) {
            return memory.accepts(base + address, length);
        }

        @Override
        public long read(long address, int width) {
            return memory.read(base + address, width);
        }

        @Override
        public boolean write(long address, int width, long value, int requester) {
            return memory.write(base + address, width, value, requester);
        }

        @Override
        public boolean compareAndSet(long address, long expected, long update) {
            return memory.compareAndSet(base + address, expected, update);
        }

        @Override
        public boolean readBytes(long address, byte[] into, int offset, int length) {
            return memory.readBytes(base + address, into, offset, length);
        }

        @Override
        public boolean writeBytes(long address, byte[] from, int offset, int length) {
            return memory.writeBytes(base + address, from, offset, length);
        }
    }
}
