/// Interrupts as the guest's CPUs take them: who handles which INTID, and how many vectors each CPU
/// has.
///
/// Stands on `kernel.Machine`, `kernel.its`.
@NullMarked
package dev.belfry.guest.irq;

import org.jspecify.annotations.NullMarked;
