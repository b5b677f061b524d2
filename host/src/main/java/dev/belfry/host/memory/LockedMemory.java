package dev.belfry.host.memory;

import dev.belfry.host.uapi.Done;
import dev.belfry.host.uapi.Errno;
import dev.belfry.host.uapi.Result;

/// How much memory a user, or a process, has locked (`user_struct.locked_vm`,
/// `mm_struct.locked_vm`).
final class LockedMemory {

    private long bytes;

    /// @return `ENOMEM` when that is more than `limit`
    Result<Done> add(long more, long limit) {
        if (more > limit - bytes) {
            return Result.err(
                    Errno.ENOMEM,
                    "RLIMIT_MEMLOCK is " + limit + " bytes, " + bytes + " are pinned");
        }
        bytes += more;
        return Result.done();
    }

    void subtract(long less) {
        bytes -= less;
    }
}
