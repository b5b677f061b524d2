/// What machine a QEMU command line describes: `virt`, its SMMUs, its PCI tree, its memory map.
///
/// Entry: [MachineDescription#of] for a machine that will be run (the first thing that QEMU would
/// refuse is a [dev.belfry.vmm.cmdline.CommandLineError]), [MachineReader#read] for everything that
/// is wrong or odd, as [Problem]s in the order in which QEMU would meet them.
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
