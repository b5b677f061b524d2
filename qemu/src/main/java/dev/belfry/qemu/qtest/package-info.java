/// QEMU's test protocol, qtest: a command a line, a reply a line. It reads and writes memory and
/// registers with exact widths while the machine stands still or runs, steps the virtual clock and
/// tells of interrupt lines.
///
/// Stands on the JDK. QEMU's `system/qtest.c`.
@NullMarked
package dev.belfry.qemu.qtest;

import org.jspecify.annotations.NullMarked;
