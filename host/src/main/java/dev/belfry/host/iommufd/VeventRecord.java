package dev.belfry.host.iommufd;

import dev.belfry.model.journey.Bytes;

/// What a read of a vEVENTQ's file descriptor gives: a header, and an event unless events were lost
/// (`struct iommufd_vevent_header`, `struct iommu_vevent_arm_smmuv3`).
///
/// @param flags bit 0: `IOMMU_VEVENTQ_FLAG_LOST_EVENTS`, the header stands alone
/// @param sequence counts every event offered; a gap of g means g - 1 lost
/// @param event 32 bytes, or none
public record VeventRecord(int flags, int sequence, Bytes event) {

    /// `IOMMU_VEVENTQ_FLAG_LOST_EVENTS`.
    public static final int LOST_EVENTS = 1;

    /// Bytes of the header.
    public static final int HEADER = 8;

    /// Bytes of the record.
    public int length() {
        return HEADER + event.length();
    }

    /// Whether it only says that events were lost.
    public boolean lostEvents() {
        return (flags & LOST_EVENTS) != 0;
    }
}
