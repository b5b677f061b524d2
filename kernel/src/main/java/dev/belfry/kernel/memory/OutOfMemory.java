package dev.belfry.kernel.memory;

/// The machine is too small for what was asked of it: no block of that size is free.
public final class OutOfMemory extends RuntimeException {

    private static final long serialVersionUID = 1L;

    OutOfMemory(long bytes) {
        super("no free block of " + bytes + " bytes");
    }
}
