package dev.belfry.host.iommufd;

import dev.belfry.host.memory.MemFile;
import dev.belfry.host.memory.UserMemory;
import dev.belfry.host.memory.UserVa;
import dev.belfry.host.uapi.Done;
import dev.belfry.host.uapi.Result;
import java.util.List;

/// What an area maps (`struct iopt_pages`).
sealed interface Pages {

    /// Whether it was given writable once: the most that a copy may be.
    boolean writable();

    /// Its address as far as alignment goes.
    long address();

    /// The same from `offset` on.
    Pages from(long offset);

    /// Where its first `length` bytes lie.
    Result<List<UserMemory.Run>> pin(long length, boolean write);

    /// Counts them as pinned, or no longer.
    Result<Done> charge(long length);

    /// Undoes [#charge].
    void uncharge(long length);

    /// A slice of a process's memory (`IOPT_ADDRESS_USER`).
    ///
    /// @param va first byte
    record User(UserMemory process, UserVa va, boolean writable) implements Pages {
        @Override
        public long address() {
            return va.value();
        }

        @Override
        public Pages from(long offset) {
            return new User(process, va.plus(offset), writable);
        }

        @Override
        public Result<List<UserMemory.Run>> pin(long length, boolean write) {
            return process.pin(va, length, write);
        }

        @Override
        public Result<Done> charge(long length) {
            return process.lock(length);
        }

        @Override
        public void uncharge(long length) {
            process.unlock(length);
        }
    }

    /// A slice of a file (`IOPT_ADDRESS_FILE`).
    ///
    /// @param start offset of the first byte
    record File(MemFile file, long start, boolean writable) implements Pages {
        @Override
        public long address() {
            return start;
        }

        @Override
        public Pages from(long offset) {
            return new File(file, start + offset, writable);
        }

        @Override
        public Result<List<UserMemory.Run>> pin(long length, boolean write) {
            return file.pin(start, length);
        }

        /// A file's pages are in memory anyway.
        @Override
        public Result<Done> charge(long length) {
            return Result.done();
        }

        @Override
        public void uncharge(long length) {}
    }
}
