/// A socket whose every answer has a time limit: what the text protocols `qtest` and `gdb` are
/// spoken over.
///
/// Stands on the JDK.
@NullMarked
package dev.belfry.qemu.channel;

import org.jspecify.annotations.NullMarked;
