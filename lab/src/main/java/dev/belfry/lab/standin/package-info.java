/// Our machine in the place of `qemu-system-aarch64`: `bin/qemu-system-aarch64`.
///
/// Stands on `vmm.qtest`.
@NullMarked
package dev.belfry.lab.standin;

import org.jspecify.annotations.NullMarked;
