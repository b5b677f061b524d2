/// The SMMUv3 driver, in the order in which Linux (6.1, arm-smmu-v3) touches registers, tables and
/// queues.
///
/// [SmmuDriver] is the entry: [SmmuDriver#probe] reads the ID registers into [SmmuFeatures] (or
/// says why the SMMU cannot be used), [SmmuDriver#reset] brings it up, [SmmuDriver#attach] and its
/// siblings put a stream into a [Domain] ([Stage1Domain], [Stage2Domain], nested, bypass, abort).
/// Below it: [CommandQueue] over [Command] words, [StreamTable] (linear or two-level, leaves
/// allocated lazily), [StreamEntry], [SteWriter] (the order in which 6.1 changes an STE),
/// [CdTable], [TlbInvalidation] (range or page by page), [EventQueue].
///
/// [Master] is a device as Linux from 6.9 on drives it, which a host does: [EntryWriter] changes
/// live STEs and CDs in the order of what the SMMU looks at ([UsedBits]), hitless where that is
/// possible.
///
/// [Tegra241Cmdqv] drives the queues of a CMDQ-V; they are secondary to the SMMU's own
/// ([CommandQueue], through a [QueuePort] either way).
///
/// Specification: IHI 0070 chapters 4 (commands), 5.2 (STE), 5.4 (CD), 6 (registers), 7 (events).
@NullMarked
package dev.belfry.kernel.smmu;

import org.jspecify.annotations.NullMarked;
