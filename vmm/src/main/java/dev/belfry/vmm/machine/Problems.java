package dev.belfry.vmm.machine;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/// Collects problems and puts them into the order in which QEMU would meet them.
///
/// QEMU takes one device after the other through all phases, so a device's place in the order of
/// creation counts before the phase.
public final class Problems {

    /// Stands for what happens before any device.
    public static final int BEFORE_DEVICES = -1;

    /// Stands for what happens after all devices.
    public static final int AFTER_DEVICES = Integer.MAX_VALUE;

    private record Entry(int device, Problem problem) {}

    private final List<Entry> entries = new ArrayList<>();

    /// Adds a problem.
    ///
    /// @param device the device's place in the order of creation, or one of the constants here
    public void add(int device, Problem problem) {
        entries.add(new Entry(device, problem));
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
