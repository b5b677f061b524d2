/// A real QEMU as the machine that a guest's drivers run on: what `kernel.Machine` asks for, over
/// qtest. The CPUs of that QEMU stand still; drivers run here and reach only what a CPU could.
///
/// [QtestMachine] has the primitives with the same names and widths, for `lab` to join to the
/// interface. [PendingInterrupts] does what a CPU interface would, because qtest reaches no system
/// registers: it finds the interrupt that a CPU would take in the distributor, the redistributor
/// and the LPI tables.
///
/// Stands on `qtest`, `live`. IHI 0069 4, 5.1, 12.9, 12.11.
@NullMarked
package dev.belfry.qemu.guestport;

import org.jspecify.annotations.NullMarked;
