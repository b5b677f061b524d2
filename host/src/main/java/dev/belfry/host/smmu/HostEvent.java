package dev.belfry.host.smmu;

import dev.belfry.model.smmu.spec.EventRecord;

/// An event that a physical SMMU recorded.
///
/// @param smmu whose
/// @param event the record, with the physical StreamID
/// @param forwarded whether it went to a guest's vEVENTQ; otherwise the kernel printed it
public record HostEvent(String smmu, EventRecord event, boolean forwarded) {}
