package dev.belfry.model.journey;

/// Where a component reports what it saw. A component asks [#on] before it builds an [Observation],
/// so that a transaction which nobody watches pays one branch.
public interface Probe {

    /// Nobody watches.
    Probe NONE =
            new Probe() {
                @Override
                public boolean on() {
                    return false;
                }

                @Override
                public void observe(Observation observation) {}
            };

    /// Whether anybody watches now.
    boolean on();

    /// Takes note of a hop.
    void observe(Observation observation);
}
