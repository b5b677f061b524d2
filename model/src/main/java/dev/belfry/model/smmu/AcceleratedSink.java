package dev.belfry.model.smmu;

import java.util.List;

/// Where an accelerated vSMMU's decisions go: it has the same registers, queues and decoder as an
/// emulated one, but tells the host instead of translating.
public interface AcceleratedSink {

    /// Installs the policy of one stream, after a command that invalidates its configuration.
    ///
    /// @return false when the host refused; the command is then reported as CERROR_ILL
    boolean install(int streamId, StreamPolicy policy);

    /// All streams follow GBPA now: the SMMU is disabled, or GBPA was updated.
    ///
    /// @param abort GBPA.ABORT
    boolean globalBypass(boolean abort);

    /// Hands over invalidation commands in order: two 64-bit words each, as the guest queued them.
    ///
    /// @return how many were done; fewer than given when the host refused one, which maps back to
    ///   CMDQ_CONS
    int invalidate(List<long[]> commands);

    /// EVENTQEN became 1: the host's events may be fetched from now on.
    void eventQueueEnabled(int log2Size);

    /// Whether invalidations reach the SMMU's own caches as well as the host: not so where the
    /// guest queues them past the VMM.
    default boolean keepsOwnCaches() {
        return true;
    }

    /// The StreamIDs that have a device behind them: those that a command for many streams, or
    /// SMMUEN becoming 1, is about. In ascending order.
    default int[] boundStreams() {
        return new int[0];
    }
}
