package dev.belfry.lab.differential;

import java.util.EnumSet;
import java.util.Set;

/// The quirks that may be taken, and those that were.
final class Quirks {

    private final Set<Quirk> allowed;
    private final Set<Quirk> taken = EnumSet.noneOf(Quirk.class);

    Quirks(Set<Quirk> allowed) {
        this.allowed = allowed;
    }

    /// Whether QEMU's way is gone here; asked only where it leaves the architecture's.
    boolean take(Quirk quirk) {
        boolean yes = allowed.contains(quirk);
        if (yes) {
            taken.add(quirk);
        }
        return yes;
    }

    /// Whether a quirk is there at all, without going its way.
    boolean has(Quirk quirk) {
        return allowed.contains(quirk);
    }

    /// Those of others count as well.
    void takeAll(Quirks others) {
        taken.addAll(others.taken);
    }

    /// The same, nothing taken yet.
    Quirks fresh() {
        return new Quirks(allowed);
    }

    Set<Quirk> taken() {
        return taken;
    }
}
