package dev.belfry.kernel.its;

/// Who routes shared peripheral interrupts.
public interface SpiController {

    /// Makes `intid` edge or level triggered, routes it to `cpu` and enables it.
    void requestSpi(int intid, boolean edge, int cpu);

    /// Routes `intid` to another CPU.
    void routeSpi(int intid, int cpu);

    /// Lets `intid` through.
    void unmaskSpi(int intid);

    /// Holds `intid` back.
    void maskSpi(int intid);
}
