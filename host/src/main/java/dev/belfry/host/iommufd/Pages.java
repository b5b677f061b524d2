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

    /// Which of them are pinned, and where that is counted.
    PinnedPages pinned();

    /// Its first `length` bytes are pinned for one area more.
    ///
    /// @return `ENOMEM` when the process may pin no more
    default Result<Done> charge(long length) {
        return pinned().pin(address(), address() + length - 1);
    }

    /// Undoes [#charge].
    default void uncharge(long length) {
        pinned().unpin(address(), address() + length - 1);
    }

    /// A slice of a process's memory (`IOPT_ADDRESS_USER`).
    ///
    /// @param va first byte
    record User(UserMemory process, UserVa va, boolean writable, PinnedPages pinned)
            implements Pages {
        @Override
        public long address() {
            return va.value();
        }

        @Override
        public Pages from(long offset) {
            return new User(process, va.plus(offset), writable, pinned);
        }

        @Override
        public Result<List<UserMemory.Run>> pin(long length, boolean write) {
            return process.pin(va, length, write);
        }
    }

    /// A slice of a file (`IOPT_ADDRESS_FILE`).
    ///
    /// @param start offset of the first byte
    record File(MemFile file, long start, boolean writable, PinnedPages pinned) implements Pages {
        @Override
        public long address() {
            return start;
        }

        @Override
        public Pages from(long offset) {
            return new File(file, start + offset, writable, pinned);
        }

        @Override
        public Result<List<UserMemory.Run>> pin(long length, boolean write) {
            return file.pin(start, length);
        }
    }
}
