package dev.belfry.host.uapi;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Makes chosen calls fail: the n-th call of a kind, counted from 1 over the life of this object.
public final class FaultInjection implements IoctlFilter {

    /// One failure to come.
    ///
    /// @param call which kind of call
    /// @param nth which of that kind, from 1
    /// @param errno what it fails with
    public record Failure(Ioctl call, int nth, Errno errno) {}

    private final List<Failure> failures;
    private final Map<Ioctl, Integer> counts = new EnumMap<>(Ioctl.class);

    public FaultInjection(List<Failure> failures) {
        this.failures = List.copyOf(failures);
    }

    @Override
    public Optional<Errno> failure(Ioctl call) {
        int n = counts.merge(call, 1, Integer::sum);
        return failures.stream()
                .filter(f -> f.call == call && f.nth == n)
                .map(Failure::errno)
                .findFirst();
    }

    /// What is to fail.
    public List<Failure> failures() {
        return failures;
    }

    /// How often `call` was made so far.
    public int count(Ioctl call) {
        return counts.getOrDefault(call, 0);
    }
}
