package dev.belfry.host.abi;

import dev.belfry.host.uapi.Errno;
import dev.belfry.host.uapi.Result;
import java.util.Optional;

/// What a system call returns.
///
/// @param value when it succeeds: 0, or what the call counts
/// @param errno when it fails
/// @param why the kernel's rule, when it fails: what a real kernel keeps to itself
public record Answer(long value, Optional<Errno> errno, String why) {

    static final Answer ZERO = of(0);

    static Answer of(long value) {
        return new Answer(value, Optional.empty(), "");
    }

    static Answer err(Errno errno, String why) {
        return new Answer(-1, Optional.of(errno), why);
    }

    /// 0, or the failure.
    static Answer of(Result<?> result) {
        return result instanceof Result.Err<?>(Errno errno, String why) ? err(errno, why) : ZERO;
    }

    static Answer fault() {
        return err(Errno.EFAULT, "the argument cannot be read or written");
    }

    boolean ok() {
        return errno.isEmpty();
    }

    /// As the kernel has it: the value, or minus the error number.
    public long raw() {
        return errno.map(e -> (long) -e.number()).orElse(value);
    }
}
