package dev.belfry.host.abi;

import dev.belfry.host.memory.UserMemory;
import dev.belfry.host.memory.UserVa;
import java.util.Optional;

/// `copy_from_user` and `copy_to_user`: bytes of a process by address, or nothing (`EFAULT`).
interface UserBytes {

    /// @return empty when a byte cannot be read
    Optional<byte[]> read(long address, int length);

    /// @return false when a byte cannot be written; then none is
    boolean write(long address, byte[] bytes);

    /// The memory of a process.
    record OfProcess(UserMemory process) implements UserBytes {
        @Override
        public Optional<byte[]> read(long address, int length) {
            byte[] out = new byte[length];
            boolean there = length == 0 || process.view().readBytes(address, out, 0, length);
            return there ? Optional.of(out) : Optional.empty();
        }

        @Override
        public boolean write(long address, byte[] bytes) {
            return bytes.length == 0
                    || (process.pin(new UserVa(address), bytes.length, true).isOk()
                            && process.view().writeBytes(address, bytes, 0, bytes.length));
        }
    }

    /// A buffer at address 0: an argument that lies apart from the process's memory.
    final class OfBuffer implements UserBytes {

        private final byte[] buffer;

        OfBuffer(byte[] buffer) {
            this.buffer = buffer;
        }

        @Override
        public Optional<byte[]> read(long address, int length) {
            boolean inside =
                    address >= 0 && length >= 0 && address <= (long) buffer.length - length;
            return inside
                    ? Optional.of(
                            java.util.Arrays.copyOfRange(
                                    buffer, (int) address, (int) address + length))
                    : Optional.empty();
        }

        @Override
        public boolean write(long address, byte[] bytes) {
            if (read(address, bytes.length).isEmpty()) {
                return false;
            }
            System.arraycopy(bytes, 0, buffer, (int) address, bytes.length);
            return true;
        }
    }
}
