package dev.belfry.host.uapi;

import java.util.Optional;

/// Asked before each system call: lets it through, or makes it fail. The seam for fault injection.
@FunctionalInterface
public interface IoctlFilter {

    /// Every call goes through.
    IoctlFilter NONE = call -> Optional.empty();

    /// What `call` is to fail with; empty lets it through.
    Optional<Errno> failure(Ioctl call);

    /// Runs `body` unless the call is to fail.
    default <T> Result<T> run(Ioctl call, java.util.function.Supplier<Result<T>> body) {
        Optional<Errno> failure = failure(call);
        return failure.isPresent()
                ? Result.err(failure.get(), call + " was made to fail")
                : body.get();
    }
}
