package dev.belfry.model.gic;

/// A GICR_PROPBASER, which Redistributors may have in common.
final class Propbaser {
    private long value;

    long value() {
        return value;
    }

    void set(long now) {
        value = now;
    }
}
