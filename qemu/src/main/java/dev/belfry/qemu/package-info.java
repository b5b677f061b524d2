/// Talking to a real QEMU, and reading what was kept of one.
///
/// | package | what |
/// |---|---|
/// | `qmp` | QEMU's monitor protocol: JSON over a Unix socket |
/// | `qtest` | QEMU's test protocol: memory with exact widths, clock, interrupt lines |
/// | `gdb` | QEMU's GDB server, for physical memory |
/// | `channel` | what the text protocols are spoken over |
/// | `process` | starting a QEMU of our own, and ending it |
/// | `pci` | what reading another machine needs to know of configuration space |
/// | `guestport` | a real QEMU as the machine that a guest's drivers run on |
/// | `live` | a running QEMU as a [dev.belfry.model.system.SystemView] |
/// | `served` | a capture that answers as a running QEMU would |
/// | `capture` | capture folders, `.belfry` bundles, as the same |
/// | `script` | scripts of register, memory and DMA accesses that two SMMUs can be put through |
/// | `edu` | QEMU's `edu` device, and the SMMU in front of it |
///
/// Whatever goes wrong with a QEMU is a [QemuError]. Stands on `model`.
@NullMarked
package dev.belfry.qemu;

import org.jspecify.annotations.NullMarked;
