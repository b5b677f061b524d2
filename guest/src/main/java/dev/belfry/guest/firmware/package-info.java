/// What firmware tells the guest, as plain records, and the parsers that read it from ACPI tables
/// or a device tree.
///
/// [FirmwareInfo] is the one thing that the guest kernel knows about the platform before it touches
/// a register. It says the same for both kinds of firmware: ids that IORT or `iommu-map`/`msi-map`
/// translate are [IdMap]s, interrupts are INTIDs, and whoever parses resolves references to indices
/// into the lists of [FirmwareInfo]. Tables and trees are read by `kernel.firmware`; here they are
/// joined to one platform, [AcpiPlatform] and [AcpiIds] for the one kind, [DeviceTreePlatform] and
/// [DeviceTreeBridges] for the other.
///
/// Specifications: ACPI 6.5 (MADT, MCFG, `_DSM`), Arm DEN0049 (IORT), Devicetree bindings.
@NullMarked
package dev.belfry.guest.firmware;

import org.jspecify.annotations.NullMarked;
