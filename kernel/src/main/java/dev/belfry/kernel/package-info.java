/// Linux-like drivers, written against a CPU's view of a machine ([Machine]): SMMUv3 bring-up and
/// streams, page tables, GICv3 and ITS, PCI. The modelled guest and the modelled host kernel both
/// run them, as both run Linux; so the same register order, tables and commands are seen on both
/// sides.
///
/// Stands on `model` for layouts only (its `spec` packages), never on an engine.
@NullMarked
package dev.belfry.kernel;

import org.jspecify.annotations.NullMarked;
