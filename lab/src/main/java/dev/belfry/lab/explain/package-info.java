/// `explain`: where a device's interrupt or DMA goes in a machine that is looked at, and at which
/// hop it is lost.
///
/// [ExplainLab] is the entry: a [dev.belfry.model.system.SystemView] and an [ExplainRequest] in, an
/// [ExplainReport] out. [Inventory] joins the view with the engines that decode it, [Messages]
/// lists what is programmed, [Ids] follows requester ids through firmware's maps, [StreamWalks]
/// asks the SMMU, [Doorbells] says what an address is, [Arrivals] asks the ITS, [SpiArrivals] a
/// GICv2m frame, and [Journeys] joins these into one vector's way. [Symptoms] puts it into words.
/// [EventHistory] and [CommandHistory] read the queues back, [IovaMap] lists a whole stage 1,
/// [Pasids] those that have one, [CrossChecks] looks for what is wrong without a broken hop.
///
/// [Rehearsal] has a capture answer as a live QEMU would.
///
/// Nothing here decodes tables: the engines of `model.smmu` and `model.gic` do.
///
/// Stands on `model`, `kernel.firmware`, `guest.firmware`.
@NullMarked
package dev.belfry.lab.explain;

import org.jspecify.annotations.NullMarked;
