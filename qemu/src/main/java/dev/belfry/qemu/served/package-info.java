/// A [dev.belfry.model.system.Snapshot] behind the sockets of a QEMU: what was seen of a machine
/// once can be looked at again as if it were live.
///
/// [ServedView] listens, [ServedMonitor] answers QMP, [ServedQtest] qtest, both as far as
/// [dev.belfry.qemu.live] asks; [ServedMemory] lays it out as physical memory. The launcher's
/// training run looks at one, and so do tests where there is no QEMU.
///
/// Stands on `model.system`, `model.pci`.
@NullMarked
package dev.belfry.qemu.served;

import org.jspecify.annotations.NullMarked;
