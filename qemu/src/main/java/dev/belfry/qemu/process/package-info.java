/// Starting a QEMU of our own.
///
/// [QemuProcess] starts `qemu-system-aarch64` with a QMP and a qtest socket in a directory of its
/// own, and ends it with everything it left. It never touches a process that it did not start.
///
/// Stands on `qmp`, `qtest`.
@NullMarked
package dev.belfry.qemu.process;

import org.jspecify.annotations.NullMarked;
