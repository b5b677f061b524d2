/// Readers of firmware tables, from bytes in memory: ACPI and flattened device trees.
///
/// Both a kernel that boots and someone who looks at a machine from outside start here.
/// [AcpiTables] finds and lists tables; [Madt], [Mcfg], [Iort] and [Dsdt] read one each ([Dsdt]
/// with the small AML interpreter in [AmlNamespace] and [AmlEvaluator]). [DeviceTree] reads a tree.
///
/// What a requester id becomes is answered by [Iort#lookup] and [DeviceTree#lookup], with the rules
/// that led there, as an [IdLookup]; ranges for a whole segment by [IdRanges].
///
/// Bytes may be hostile. Readers look only at memory that the given [FirmwareMemory] has, end after
/// a bounded number of steps, and throw nothing but [FirmwareError].
///
/// Specifications: ACPI 6.5, chapters 5, 6, 19, 20; Arm DEN0049E.d (IORT), as Linux's
/// `drivers/acpi/arm64/iort.c` reads it; PCI Firmware 3.3; Devicetree 0.4, chapter 5, and the
/// bindings of `iommu-map` and `msi-map` as `drivers/of/base.c` reads them.
@NullMarked
package dev.belfry.kernel.firmware;

import org.jspecify.annotations.NullMarked;
