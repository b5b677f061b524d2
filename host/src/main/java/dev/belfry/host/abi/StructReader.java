package dev.belfry.host.abi;

import dev.belfry.host.uapi.Errno;
import dev.belfry.host.uapi.Result;
import java.util.Arrays;
import java.util.Optional;

/// `copy_struct_from_user`: structures that user space may know in another size.
final class StructReader {

    private static final int CHUNK = 1 << 16;

    private StructReader() {}

    /// @return bytes of the kernel's size, the rest zero; `E2BIG` when the kernel does not know
    ///   something that is not zero, `EFAULT`
    static Result<byte[]> copy(UserBytes from, long at, int userSize, int kernelSize) {
        long user = Integer.toUnsignedLong(userSize);
        for (long done = kernelSize; done < user; done += CHUNK) {
            long start = done;
            int length = (int) Math.min(CHUNK, user - done);
            Optional<byte[]> rest = from.read(at + done, length);
            byte[] there = rest.orElseGet(() -> asFarAsThereIs(from, at + start, length));
            for (byte b : there) {
                if (b != 0) {
                    return Result.err(
                            Errno.E2BIG,
                            "the kernel knows " + kernelSize + " bytes, what follows is not 0");
                }
            }
            if (there.length < length) {
                return fault();
            }
        }
        return from.read(at, (int) Math.min(user, kernelSize))
                .map(b -> Result.ok(Arrays.copyOf(b, kernelSize)))
                .orElseGet(StructReader::fault);
    }

    private static byte[] asFarAsThereIs(UserBytes from, long at, int length) {
        byte[] out = new byte[length];
        for (int i = 0; i < length; i++) {
            Optional<byte[]> one = from.read(at + i, 1);
            if (one.isEmpty()) {
                return Arrays.copyOf(out, i);
            }
            out[i] = one.get()[0];
        }
        return out;
    }

    private static Result<byte[]> fault() {
        return Result.err(Errno.EFAULT, "the structure cannot be read");
    }

    /// `width` bytes at `offset`, zero-extended.
    static long value(byte[] bytes, int offset, int width) {
        long value = 0;
        for (int i = width - 1; i >= 0; i--) {
            value = value << 8 | Byte.toUnsignedLong(bytes[offset + i]);
        }
        return value;
    }
}
