/// What reading another machine needs to know of PCI configuration space: where a function's MSI-X
/// table is.
///
/// Stands on `model.pci.spec`, which decodes. PCI Express Base Specification 7.7.2 (MSI-X).
@NullMarked
package dev.belfry.qemu.pci;

import org.jspecify.annotations.NullMarked;
