/// The virt machine, assembled: memory map, interrupt controller, PCI tree, SMMUs, passed-through
/// devices, firmware tables.
///
/// [VirtMachine] is the entry: it takes a [dev.belfry.vmm.machine.MachineDescription] and an opened
/// host, and gives what a CPU of the guest can reach. [GuestPci] builds the PCI tree, [Irqchip] is
/// the interrupt controller (KVM's or the VMM's own), [VirtFirmware] turns the machine into
/// firmware's inputs once firmware has numbered the buses.
///
/// Stands on `cmdline` and `machine` for what is asked, on `iommu`, `vfio`, `firmware` for the
/// parts, on the host by its uAPI only.
@NullMarked
package dev.belfry.vmm.virt;

import org.jspecify.annotations.NullMarked;
