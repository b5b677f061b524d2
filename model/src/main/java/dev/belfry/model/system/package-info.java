/// How a whole machine is looked at: [dev.belfry.model.system.SystemView], implemented by our own
/// machine, a live QEMU and captures; read by `belfry explain`.
///
/// Stands on `memory`, `pci.spec`.
@NullMarked
package dev.belfry.model.system;

import org.jspecify.annotations.NullMarked;
