/// The machine that a QEMU command line describes: `virt`, its SMMUs, its PCI tree, its memory map.
///
/// Plain records, with the root at [MachineDescription]: [MachineType], [Accelerator], [Gic],
/// [Memory], [Cpus], [SmmuInstance], [PciTopology], [PciBus], [PciFunction], [VirtMap]. What is
/// wrong or odd with one are [Problem]s.
///
/// `dev.belfry.vmm.reader` makes them; `dev.belfry.vmm.rule` judges them; `dev.belfry.vmm.virt`
/// builds what they say. There are no engines here. Addresses and interrupt numbers are those of
/// QEMU's virt board.
@NullMarked
package dev.belfry.vmm.machine;

import org.jspecify.annotations.NullMarked;
