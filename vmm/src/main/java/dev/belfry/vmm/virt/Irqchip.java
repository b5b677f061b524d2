package dev.belfry.vmm.virt;

import dev.belfry.model.fabric.Doorbell;
import dev.belfry.model.gic.InterruptController;
import dev.belfry.model.memory.AddressMap;
import dev.belfry.vmm.msi.KvmRoutes;
import java.util.List;
import java.util.Optional;

/// The guest's interrupt controller: KVM's, or the VMM's own.
interface Irqchip {

    /// Places its frames.
    void placeInto(AddressMap bus);

    /// Lines in, acknowledged interrupts out.
    InterruptController controller();

    /// Frames where a device's write becomes an interrupt.
    List<Doorbell> doorbells();

    /// The CPUs stand still: what is kept outside of guest memory is written there, as far as it
    /// has a place.
    void stopped();

    /// Hardware reset: the GIC, its ITS, the CPUs' interfaces.
    void reset();

    /// How eventfds reach the guest; empty without KVM.
    Optional<KvmRoutes> routes();
}
