package dev.belfry.host.uapi;

import java.util.Optional;
import java.util.function.Supplier;

/// Asked before each system call: lets it through, or makes it fail. The seam for fault injection.
@FunctionalInterface
public interface IoctlFilter {

    /// Every call goes through.
    IoctlFilter NONE = call -> Optional.empty();

    /// Why a call failed that was made to.
    String MADE_TO_FAIL = "made to fail";

    /// What `call` is to fail with; empty lets it through.
    Optional<Errno> failure(Ioctl call);

    /// Runs `body` unless the call is to fail. A failure's sentence begins with the call's name, so
    /// that whoever chains calls can tell which it was.
    default <T> Result<T> run(Ioctl call, Supplier<Result<T>> body) {
        Optional<Errno> failure = failure(call);
        Result<T> result =
                failure.isPresent() ? Result.err(failure.get(), MADE_TO_FAIL) : body.get();
        return result instanceof Result.Err<T>(Errno errno, String why)
                ? Result.err(errno, call + ": " + why)
                : result;
    }
}
