/// `belfry compare`: every MSI design in every situation, each outcome from a run.
///
/// [CompareLab] is the entry. A [Situation] is a machine, a host and conditions ([Scene]) and
/// perhaps a change while the machine runs ([CellRun]); the outcome is read off what then happens
/// to the device's interrupts: taken by the guest, an SMMU event, a refused system call, nothing.
///
/// Stands on `lab.run`. docs/compare.md shows the matrix.
@NullMarked
package dev.belfry.lab.compare;

import org.jspecify.annotations.NullMarked;
