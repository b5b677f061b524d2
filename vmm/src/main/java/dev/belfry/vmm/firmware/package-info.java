/// What QEMU's `virt` machine tells its guest: ACPI tables, or a flattened device tree.
///
/// [FirmwareInputs] is everything that the tables depend on, as plain records; this package knows
/// no other part of the VMM, but for what a command line says of memory. [FirmwareImage] is the
/// result: bytes, where they lie in guest memory, and the address that the guest starts reading
/// from.
///
/// [AcpiImage] puts the tables into QEMU's order, one right behind the other. Each is a class of
/// its own with one `build`, or, where little varies, a method of [FixedTables] or [NumaTables];
/// all are appended to a [TableBytes], little-endian, in the order of the specification's table.
/// The namespace ([Dsdt]) is written with [Aml] (data and objects), [AmlCode] (what methods do) and
/// [ResourceTemplate], in parts: [DsdtBoard], [DsdtPci] with [OperatingSystem], [DsdtEvents],
/// [DsdtMemory], [DsdtFunctions].
///
/// [Fdt] writes the device tree's format; [VirtDeviceTree] makes its nodes with [TreeCpus],
/// [TreeDevices] and [TreePci], all of them, in QEMU's order and with QEMU's handles.
///
/// What differs between releases and versions of the board is decided by [Board]. Gates were seen
/// between QEMU 7.2, 10.0, 10.2 and 11.1; where a release in between made the change, it is as
/// QEMU's history has it.
///
/// Specifications: ACPI 6.5, chapters 5, 6 and 20; Arm DEN0049E.d (IORT); PCI Firmware 3.3, 4.5 and
/// 4.6 (`_OSC`, `_DSM`); Devicetree 0.4, chapter 5.
@NullMarked
package dev.belfry.vmm.firmware;

import org.jspecify.annotations.NullMarked;
