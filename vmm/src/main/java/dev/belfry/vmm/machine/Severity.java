package dev.belfry.vmm.machine;

/// How bad a [Problem] is.
public enum Severity {
    /// QEMU or the host refuses it.
    ERROR,
    /// It starts, and DMA or interrupts of some device are lost.
    LOST,
    /// It works, though probably not as meant.
    WARNING,
    /// Worth knowing.
    NOTE
}
