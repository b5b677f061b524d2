/// The journey of one DMA or MSI: what each component read on the way, and what it made of it.
///
/// A component that takes a decision holds a [Probe] and, only if [Probe#on] says so, reports an
/// [Observation]: which structure, the address it was read from, the bytes seen, the decoded
/// fields, the verdict and the rule. [JourneyRecorder] collects them into [Hop]s, stamping the side
/// of the house (guest or host). Text, JSON and diagrams are renderings of these records; nothing
/// else tells what happened.
///
/// The hop kinds are the vocabulary of the whole project (docs/json.md).
///
/// Stands on `bits`.
@NullMarked
package dev.belfry.model.journey;

import org.jspecify.annotations.NullMarked;
