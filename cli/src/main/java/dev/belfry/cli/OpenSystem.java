package dev.belfry.cli;

import dev.belfry.model.system.SystemView;

/// A system that is being looked at.
///
/// @param view what is seen
/// @param closing lets go of it
record OpenSystem(SystemView view, Runnable closing) implements AutoCloseable {

    @Override
    public void close() {
        closing.run();
    }
}
