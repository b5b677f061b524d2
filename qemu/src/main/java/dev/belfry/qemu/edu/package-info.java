/// QEMU's `edu` device as a source of plain DMA, and the SMMU in front of it.
///
/// [EduDevice] is the driver: it makes the qtest commands, so that many can go out at once.
/// [QemuSmmu] is a QEMU with some of these devices behind its SMMUv3 as a
/// [dev.belfry.qemu.script.ScriptTarget].
///
/// Stands on `script`, `process`, `qtest`. QEMU's `docs/specs/edu.rst`.
@NullMarked
package dev.belfry.qemu.edu;

import org.jspecify.annotations.NullMarked;
