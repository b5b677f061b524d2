package dev.belfry.vmm.machine;

import dev.belfry.vmm.cmdline.Nearest;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/// Collects problems and puts them into the order in which QEMU would meet them.
///
/// QEMU takes one device after the other through all phases, so a device's place in the order of
/// creation counts before the phase.
public final class Problems {

    /// Stands for what happens before any device.
    public static final int BEFORE_DEVICES = -1;

    /// Stands for what happens after all devices.
    public static final int AFTER_DEVICES = Integer.MAX_VALUE;

    /// How many findings of one kind are told: nobody reads the next one.
    public static final int TOLD = 100;

    private record Entry(int device, Problem problem) {}

    private final List<Entry> entries = new ArrayList<>();
    private final Map<String, Integer> sought = new HashMap<>();

    /// Adds a problem.
    ///
    /// @param device the device's place in the order of creation, or one of the constants here
    public void add(int device, Problem problem) {
        entries.add(new Entry(device, problem));
    }

    /// What somebody probably meant by a name that is wrong; looked for as often as findings of its
    /// rule are told.
    public Optional<String> nearest(
            String rule, String typed, Supplier<? extends Collection<String>> names) {
        return sought.merge(rule, 1, Integer::sum) <= TOLD
                ? Nearest.to(typed, names.get())
                : Optional.empty();
    }

    /// All problems, QEMU's order.
    public List<Problem> inOrder() {
        return entries.stream()
                .sorted(
                        Comparator.comparingInt(Entry::device)
                                .thenComparing(e -> e.problem().phase()))
                .map(Entry::problem)
                .toList();
    }
}
