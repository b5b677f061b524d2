/// PCI as an operating system sets it up: enumeration through ECAM, BARs and bridge windows,
/// command registers, MSI-X.
///
/// [PciHost] is the entry: it scans a host bridge's buses ([BusScanner]), sizes BARs ([BarProbe]),
/// places them in the bridge's windows unless firmware's configuration is kept
/// ([ResourceAssigner]), and knows the [PciFunction]s that it found. [HotPlugPort] drives the slot
/// below a port; [LatePlacement] finds room for what comes into it. [MsixDriver] enables, programs
/// and masks vectors in Linux's order. [ConfigAccess] is configuration space.
///
/// Specification: PCI Express Base 7.5 (configuration), 7.7.2 (MSI-X), 6.1.4 (its use).
@NullMarked
package dev.belfry.kernel.pci;

import org.jspecify.annotations.NullMarked;
