/// The GIC as far as message-signalled interrupts need it: distributor, redistributors, CPU
/// interfaces, ITS, GICv2m.
///
/// Stands on `bits`, `memory`, `journey`, `gic.spec`.
@NullMarked
package dev.belfry.model.gic;

import org.jspecify.annotations.NullMarked;
