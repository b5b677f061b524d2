package dev.belfry.model.journey;

import java.util.ArrayList;
import java.util.List;

/// Collects the hops of one transaction at a time. Components hold the probes that [#at] gives for
/// their life; recording is switched on around the transaction that is to be watched.
public final class JourneyRecorder {

    private final List<Hop> hops = new ArrayList<>();
    private boolean recording;

    /// A probe that stamps `where` on what it is told.
    public Probe at(Where where) {
        return new Probe() {
            @Override
            public boolean on() {
                return recording;
            }

            @Override
            public void observe(Observation observation) {
                if (recording) {
                    hops.add(new Hop(where, observation));
                }
            }
        };
    }

    /// Forgets what was recorded and begins a new journey.
    public void start() {
        hops.clear();
        recording = true;
    }

    /// Ends the journey.
    ///
    /// @return its hops, in the order in which they happened
    public Journey stop() {
        recording = false;
        return new Journey(hops);
    }
}
