/// The SMMUv3 engine (Arm IHI 0070): register file, queues, configuration lookup, table walks,
/// caches, faults.
///
/// The same engine is the host's physical SMMU and the guest's emulated one; only the
/// [SmmuIdentity] (what the ID registers advertise) and the memory differ. An accelerated one tells
/// an [AcceleratedSink] instead of translating.
///
/// Where to look:
///
/// - [Smmu]: wiring, `translate`, `inspect`, `over` (a system found elsewhere); [AtsPort]: ATS,
///   PRI.
/// - `RegisterFile`, `RegisterWrites`: values, write rules, what a write causes (6.3).
/// - `StreamTable`, `SteDecoder`, `ContextTable`, `CdDecoder`, `Configuration`: from StreamID and
///   SubstreamID to a `Route` (3.3, 5). The decoders are pure functions of words and identity.
/// - `Walker`, `Stage2Walk`, `Permissions`: VMSAv8-64 (3.4; Arm ARM D8).
/// - `Overrides`: privilege, data or instruction as the STE has them (13.4, 13.7).
/// - `ConfigCache`, `Tlb`, `Invalidator`: what is kept, and what removes it (3.21, 4.3, 4.4);
///   `TlbTable`: how the TLB lies in memory, for hits that touch one cache line; `TlbTags`: which
///   tags it knows, and that a guest cannot make them too many; `StaleLook`: what strict mode finds
///   forgotten.
/// - `CommandQueue`, `CommandRules`, `SoftwareCommands`, `AcceleratedCommands` (4, 7.1).
/// - [Cmdqv]: NVIDIA's command queues for guests, beside a physical SMMU.
/// - `EventQueue`, `Settlement`, `Stalls`, `Signals`: faults, interrupts (3.12, 3.18, 5.5, 7).
///
/// Not modelled: Secure and Realm state, VMSAv8-32 and 128-bit tables, 52-bit addresses with 4 KiB
/// and 16 KiB granules (LPA2), permission indirection, MPAM, ECMDQ, DPT, broadcast TLB maintenance.
///
/// Stands on `bits`, `memory`, `journey`, `smmu.spec`.
@NullMarked
package dev.belfry.model.smmu;

import org.jspecify.annotations.NullMarked;
