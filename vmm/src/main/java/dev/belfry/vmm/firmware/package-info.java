/// What QEMU's `virt` machine tells its guest: ACPI tables, or a flattened device tree.
///
/// [FirmwareInputs] is everything that the tables depend on, as plain records; this package knows
/// no other part of the VMM. [FirmwareImage] is the result: bytes, where they lie in guest memory,
/// and the address that the guest starts reading from.
///
/// Each table is a class of its own with one `build`: [Dsdt] (written with [Aml] and
/// [ResourceTemplate]), [Iort], [Madt], and in [FixedTables] those in which little varies. All are
/// appended to a [TableBytes], little-endian, in the order of the specification's table. [Fdt]
/// writes the device tree's format; [VirtDeviceTree] makes its nodes with [TreeCpus], [TreeDevices]
/// and [TreePci], all of them, in QEMU's order and with QEMU's handles. What differs between
/// releases and versions of the board is decided by [Board].
///
/// Left out, because no driver of ours looks there: `_OSC`, power button, UART, flash and virtio
/// devices of the DSDT, PPTT, DBG2. Interrupt lines of PCI are routed in `_PRT` without link
/// devices.
///
/// Specifications: ACPI 6.5, chapters 5, 6 and 20; Arm DEN0049E.d (IORT); PCI Firmware 3.3, 4.6.5
/// (`_DSM` function 5); Devicetree 0.4, chapter 5.
@NullMarked
package dev.belfry.vmm.firmware;

import org.jspecify.annotations.NullMarked;
