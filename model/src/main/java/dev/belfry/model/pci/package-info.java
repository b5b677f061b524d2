/// A PCI Express hierarchy: root buses, bridges, endpoints, ECAM, BARs, MSI and MSI-X.
///
/// Stands on `bits`, `memory`, `journey`, `pci.spec`.
@NullMarked
package dev.belfry.model.pci;

import org.jspecify.annotations.NullMarked;
