package dev.belfry.lab.compare;

import dev.belfry.host.uapi.Errno;
import dev.belfry.host.uapi.Ioctl;
import dev.belfry.host.uapi.IoctlFilter;
import dev.belfry.host.uapi.Result;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/// Lets all system calls through and keeps those that failed.
final class CallLog implements IoctlFilter {

    /// A call that failed.
    record Failed(Ioctl call, Errno errno, String why) {}

    private final List<Failed> failed = new ArrayList<>();

    @Override
    public Optional<Errno> failure(Ioctl call) {
        return Optional.empty();
    }

    @Override
    public <T> Result<T> run(Ioctl call, Supplier<Result<T>> body) {
        Result<T> result = body.get();
        if (result instanceof Result.Err<T>(Errno errno, String why)) {
            failed.add(new Failed(call, errno, why));
        }
        return result;
    }

    /// The last call that failed.
    Optional<Failed> last() {
        return failed.isEmpty() ? Optional.empty() : Optional.of(failed.getLast());
    }

    /// The last failed call of a kind.
    Optional<Failed> last(Ioctl call) {
        return failed.stream().filter(f -> f.call == call).reduce((a, b) -> b);
    }
}
