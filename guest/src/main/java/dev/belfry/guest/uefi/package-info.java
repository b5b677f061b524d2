/// What UEFI firmware does before a kernel starts, as far as PCI sees it: buses are numbered, BARs
/// and windows placed.
///
/// ACPI tables describe the machine as firmware left it (the IORT's ranges are bus numbers), so
/// this comes before they are built.
///
/// Stands on `kernel.pci`.
@NullMarked
package dev.belfry.guest.uefi;

import org.jspecify.annotations.NullMarked;
