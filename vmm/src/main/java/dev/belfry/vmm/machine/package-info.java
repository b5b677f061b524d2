/// What machine a QEMU command line describes: `virt`, its SMMUs, its PCI tree, its memory map.
///
/// Entry: [dev.belfry.vmm.machine.check.CheckedMachine], which reads with [MachineReader] and holds
/// the machine against QEMU's rules; what is wrong or odd are [Problem]s.
///
/// - the description, plain records: [MachineDescription], [MachineType], [Accelerator], [Gic],
///   [Memory], [Cpus], [SmmuInstance], [PciTopology], [PciBus], [PciFunction], [VirtMap]
/// - reading: [MachineReader] over one small reader for each kind of option
/// - what may not be combined: `dev.belfry.vmm.machine.check`
///
/// There are no engines here. Addresses and interrupt numbers are those of QEMU's virt board.
@NullMarked
package dev.belfry.vmm.machine;

import org.jspecify.annotations.NullMarked;
