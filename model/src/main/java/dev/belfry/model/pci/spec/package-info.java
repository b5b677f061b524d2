/// Layouts of the PCI Express specification: types only. Routing ids, config header offsets,
/// capabilities.
///
/// Stands on `bits`.
@NullMarked
package dev.belfry.model.pci.spec;

import org.jspecify.annotations.NullMarked;
