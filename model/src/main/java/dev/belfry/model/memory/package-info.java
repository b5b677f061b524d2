/// What answers to a physical address: RAM, files, MMIO.
///
/// [PhysicalMemory] is the seam that everything above reads and writes through: little-endian
/// accesses of 1, 2, 4 or 8 bytes, and bulk. An access that nothing answers is a result, never an
/// exception. [SparseRam] costs what is touched; [AddressMap] joins RAM and [MmioDevice]s into one
/// address space.
///
/// Every write carries a requester (a DeviceID, or [PhysicalMemory#CPU]), because an ITS tells
/// devices apart by it (IHI 0069, GITS_TRANSLATER).
///
/// Stands on `bits`.
@NullMarked
package dev.belfry.model.memory;

import org.jspecify.annotations.NullMarked;
