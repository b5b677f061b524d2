/// A running QEMU as a [dev.belfry.model.system.SystemView].
///
/// [LiveSystem] is where to start: it asks QEMU what there is ([MemoryTree] reads `info mtree -f`,
/// [PciScan] reads `query-pci` and ECAM) and reads it through the best way there is: registers one
/// 4-byte access each through qtest, or else the monitor's `xp`, or else the GDB server
/// ([PortChain]), never wider, because QEMU answers an 8-byte read of a 4-byte register with 0; RAM
/// through the file that backs it, or else the same ([Ways]). Only RAM, register frames that are
/// known to bear it, ECAM and MSI-X tables are ever read: other devices may act on a read. [VmStop]
/// holds the machine still meanwhile.
///
/// Stands on `qmp`, `qtest`, `gdb`, `pci`, `model.system`.
@NullMarked
package dev.belfry.qemu.live;

import org.jspecify.annotations.NullMarked;
