package dev.belfry.vmm.machine;

/// The guest's RAM.
///
/// @param size bytes at start
/// @param maxSize bytes at most, with hot-plugged memory
/// @param slots for hot-plugged memory
public record Memory(long size, long maxSize, int slots) {

    /// What QEMU takes without `-m`.
    public static final Memory DEFAULT = new Memory(128L << 20, 128L << 20, 0);
}
