/// A guest's Tegra241 CMDQ-V: command queues that hardware reads without the VMM.
///
/// [CmdqvProbe] decides whether there is one. [GuestCmdqv] is the device: the configuration page,
/// and the registers of queues as long as the host has no queue behind them; it asks for a queue
/// when the guest has set its base, allocated it to the interface and enabled both. [HostQueues]
/// holds what the host gives: the vIOMMU of type 2, page 0 of its virtual interface, the queues,
/// the event queue of errors. [CmdqvFrame] is what a CPU of the guest reaches: once the guest has
/// enabled the interface, page 0 is the hardware's, and accesses to it do not come here; it counts
/// both kinds.
///
/// What the guest puts into such a queue the VMM never sees: it must not walk the guest's tables,
/// and only the hardware knows how many commands there were.
///
/// Not modelled: the filter registers of the virtual interface, as QEMU's; CONS written to memory.
///
/// Sources: facts of QEMU's hw/arm/tegra241-cmdqv.c and hw/arm/smmuv3-accel.c (11.1). Stands on
/// `host.iommufd`, `vmm.iommu`.
@NullMarked
package dev.belfry.vmm.cmdqv;

import org.jspecify.annotations.NullMarked;
