/// The way of a PCI function's DMA through a machine: requester id to StreamID, SMMU, then memory
/// or a doorbell, with the DeviceID alongside.
///
/// [DmaFabric] is the [dev.belfry.model.pci.DmaPort] of a root bus, on the host's physical machine
/// and on the guest's modelled one; [Doorbell] names the frames that turn a write into an
/// interrupt.
///
/// Stands on `memory`, `smmu`, `pci`, `journey`.
@NullMarked
package dev.belfry.model.fabric;

import org.jspecify.annotations.NullMarked;
