package dev.belfry.kernel.firmware;

import java.util.Arrays;
import java.util.Optional;
import java.util.function.LongFunction;

/// Looks for something in memory that begins with known bytes.
final class SignatureSearch {

    private final FirmwareMemory memory;
    private final byte[] signature;
    private final int alignment;

    /// @param memory where to look
    /// @param signature the bytes; no longer than `alignment`
    /// @param alignment of their address, a power of two
    SignatureSearch(FirmwareMemory memory, byte[] signature, int alignment) {
        this.memory = memory;
        this.signature = signature.clone();
        this.alignment = alignment;
    }

    /// Tries each place with the signature until `open` does not throw a [FirmwareError].
    ///
    /// @param chunk how much to read at once; what cannot be read is passed over
    <T> Optional<T> in(long first, long size, int chunk, LongFunction<T> open) {
        long start = (first + alignment - 1) & -alignment;
        long end = first + size;
        for (long at = start; Long.compareUnsigned(at, end) < 0; at += chunk) {
            byte[] bytes = readable(at, (int) Math.min(chunk, end - at));
            for (int i = 0; i + signature.length <= bytes.length; i += alignment) {
                if (Arrays.equals(bytes, i, i + signature.length, signature, 0, signature.length)) {
                    Optional<T> found = attempt(open, at + i);
                    if (found.isPresent()) {
                        return found;
                    }
                }
            }
        }
        return Optional.empty();
    }

    private byte[] readable(long address, int length) {
        try {
            return memory.read(address, length);
        } catch (FirmwareError e) {
            return new byte[0];
        }
    }

    private static <T> Optional<T> attempt(LongFunction<T> open, long address) {
        try {
            return Optional.of(open.apply(address));
        } catch (FirmwareError e) {
            return Optional.empty();
        }
    }
}
