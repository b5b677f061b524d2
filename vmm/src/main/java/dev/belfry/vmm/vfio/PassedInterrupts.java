package dev.belfry.vmm.vfio;

import dev.belfry.vmm.msi.KvmRoutes;
import java.util.Optional;

/// The interrupts of a passed-through device, of one kind: they reach the guest as long as this is
/// open.
public sealed interface PassedInterrupts permits VfioInterrupts, MsiInterrupts {

    /// The KVM route of a vector.
    Optional<KvmRoutes.Route> route(int vector);

    /// The device leaves: nothing of its interrupts stays.
    void close();
}
