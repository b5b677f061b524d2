package dev.belfry.model.gic;

/// What a CPU interface takes interrupts from: Distributor and Redistributor, or the virtual LPIs
/// of a resident vPE.
///
/// A candidate is packed into a long, so that looking for one allocates nothing: the priority in
/// bits 63:32, whether it is in Group 1 in bit 31, the INTID below. The best one is the least.
interface InterruptSource {

    /// No candidate.
    long NONE = (long) ActivePriorities.IDLE << 32 | InterruptController.SPURIOUS;

    /// A candidate.
    static long candidate(int priority, boolean group1, int intid) {
        return (long) priority << 32 | (group1 ? 0x8000_0000L : 0) | intid;
    }

    static int priority(long candidate) {
        return (int) (candidate >>> 32);
    }

    static boolean group1(long candidate) {
        return (int) candidate < 0;
    }

    static int intid(long candidate) {
        return (int) candidate & 0x7fff_ffff;
    }

    /// The pending interrupt of the highest priority.
    ///
    /// @param group0 whether the CPU interface takes Group 0
    /// @param group1 whether it takes Group 1
    long best(boolean group0, boolean group1);

    /// The CPU takes `intid`.
    void activate(int intid);

    /// `intid` is done with.
    void deactivate(int intid);

    /// The CPU sends an SGI (ICC_SGI0R_EL1, ICC_SGI1R_EL1).
    void send(long sgir, boolean group1);
}
