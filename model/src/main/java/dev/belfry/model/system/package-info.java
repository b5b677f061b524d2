/// How a whole machine is looked at.
///
/// [SystemView] is what `belfry explain` reads: our own machine, a live QEMU, a capture. [Snapshot]
/// is a view as an immutable value, compared by content: what captures and bundles load into.
/// [RecordingView] stands in front of any view and remembers what was asked, so that a snapshot of
/// exactly that can be kept. [ItsTables] names the formats in which an ITS keeps its tables in
/// memory, which the architecture leaves open (IHI 0069, 5.2). [KernelGic] is what KVM says of the
/// GIC that it emulates, which neither memory nor a VMM tells.
///
/// Stands on `memory`, `pci.spec`, `gic.spec`, `journey` (for [dev.belfry.model.journey.Bytes]).
@NullMarked
package dev.belfry.model.system;

import org.jspecify.annotations.NullMarked;
