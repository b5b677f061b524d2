/// QEMU's GDB server (`-gdb`), as far as reading physical memory and asking its monitor go.
///
/// [GdbStub] is a connection. The machine stands still while there is one.
///
/// Stands on `channel`. GDB's remote serial protocol; QEMU's `docs/system/gdb.rst`.
@NullMarked
package dev.belfry.qemu.gdb;

import org.jspecify.annotations.NullMarked;
