package dev.belfry.model.smmu;

import dev.belfry.model.journey.Probe;
import dev.belfry.model.memory.MmioDevice;
import dev.belfry.model.memory.PhysicalMemory;

/// An SMMUv3: 128 KiB of registers, and the way of transactions through it.
public final class Smmu implements MmioDevice {

    /// What an SMMU is made of.
    ///
    /// @param name for traces and reports
    /// @param identity what it advertises
    /// @param memory where tables, queues and MSI targets are
    /// @param interrupts its wired lines
    /// @param caches how it caches
    /// @param probe who watches
    public record Setup(
            String name,
            SmmuIdentity identity,
            PhysicalMemory memory,
            SmmuInterrupts interrupts,
            CacheMode caches,
            Probe probe) {}

    /// No substream: SSV = 0.
    public static final int NO_SUBSTREAM = -1;

    public Smmu(Setup setup) {
        throw new UnsupportedOperationException("seam");
    }

    /// An SMMU whose streams are translated elsewhere.
    public static Smmu accelerated(Setup setup, AcceleratedSink sink) {
        throw new UnsupportedOperationException("seam");
    }

    /// Sends a transaction through. Faults are recorded in the Event queue.
    ///
    /// @param streamId StreamID, unsigned 32-bit
    /// @param substreamId SubstreamID (PASID), or [#NO_SUBSTREAM]
    /// @param address input address
    public Translation translate(int streamId, int substreamId, long address, Access access) {
        throw new UnsupportedOperationException("seam");
    }

    /// As [#translate], but only looks: no cache is used or filled, no event is recorded, no
    /// descriptor is written; the hops go to `probe`.
    public Translation inspect(
            int streamId, int substreamId, long address, Access access, Probe probe) {
        throw new UnsupportedOperationException("seam");
    }

    /// The stream's fate as its STE and the identity say.
    public StreamPolicy policy(int streamId) {
        throw new UnsupportedOperationException("seam");
    }

    /// Puts a record into the Event queue, as hardware does for faults: events of the physical SMMU
    /// that the host forwards.
    public void deliverEvent(dev.belfry.model.smmu.spec.EventRecord event) {
        throw new UnsupportedOperationException("seam");
    }

    /// Hardware reset.
    public void reset() {
        throw new UnsupportedOperationException("seam");
    }

    @Override
    public long size() {
        return 0x20000;
    }

    @Override
    public long read(long offset, int width) {
        throw new UnsupportedOperationException("seam");
    }

    @Override
    public void write(long offset, int width, long value, int requester) {
        throw new UnsupportedOperationException("seam");
    }
}
