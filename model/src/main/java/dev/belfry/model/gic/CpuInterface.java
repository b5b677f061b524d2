package dev.belfry.model.gic;

/// The part of a CPU interface that decides what is taken: the priorities of the interrupts taken
/// and not yet ended, each higher than the one before.
final class CpuInterface {

    private static final int IDLE = 256;

    private final int[] priorities = new int[IDLE];
    private int depth;

    /// Whether an interrupt of this priority may be taken now (lower is better).
    boolean preempts(int priority) {
        return priority < running();
    }

    /// Running priority; 256 when idle.
    int running() {
        return depth == 0 ? IDLE : priorities[depth - 1];
    }

    void take(int priority) {
        priorities[depth++] = priority;
    }

    /// Priority drop.
    void end() {
        depth = Math.max(0, depth - 1);
    }

    void reset() {
        depth = 0;
    }
}
