/// Talking to a real QEMU: QMP, qtest, captures.
@NullMarked
package dev.belfry.qemu;

import org.jspecify.annotations.NullMarked;
