/// Layouts of the PCI Express Base Specification (chapter 7) and the PCI-to-PCI Bridge
/// Architecture: types only, no behaviour.
///
/// [Bdf] is a function's address; [ConfigRegister] names the headers' registers, [Command],
/// [Status] and [Bar] decode them; [CapabilityId] and [ExtendedCapabilityId] name the lists'
/// members, [MsiCapability], [MsixCapability], [MsixEntry] and [ExpressCapability] decode those
/// that matter to DMA and interrupts. [ConfigSpace] is where to start: a read-only view of one
/// function's configuration space, from captured bytes or read through ECAM, that finds all of the
/// above and is bounded whatever the bytes say.
///
/// Stands on `bits`, `journey` (for bytes).
@NullMarked
package dev.belfry.model.pci.spec;

import org.jspecify.annotations.NullMarked;
