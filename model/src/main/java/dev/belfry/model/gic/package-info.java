/// The GIC as far as message-signalled interrupts need it.
///
/// [Its] takes messages: a device's write to GITS_TRANSLATER, with the writer's DeviceID, becomes a
/// pending LPI at a Redistributor of [GicV3]. [GicV2m] makes SPIs of messages, for [GicV2] or
/// GicV3. What CPUs and wires see of either GIC is [InterruptController].
///
/// Inside an ITS: `ItsRegisters` is the register file, `ItsQueue` takes commands from memory,
/// `ItsCommands` and `ItsVirtualCommands` do them, `ItsTables` knows where entries lie, `ItsLookup`
/// goes through the mappings step by step: `MemoryLookup` through the tables in memory,
/// `HeldLookup` through those that an ITS keeps to itself and `ItsTransfer` saves and restores.
/// `ItsWalk` and `LpiArrival` tell a message's journey; the same walk serves a message,
/// [Its#inspect], and [ItsView], which looks at captured and live systems. `TranslationCache` is
/// the way of most messages.
///
/// A CPU takes interrupts through its [CpuInterface], whose registers are `spec.Icc`; it asks an
/// `InterruptSource` for the best one: `CpuSource` for Distributor and Redistributor, `VirtualLpis`
/// for the vPE that is resident (GICv4).
///
/// [ItsIdentity] (with [ItsChoice]) and [GicIdentity] (with [GicChoice]) are presets of what
/// implementations advertise and choose: QEMU's emulation, KVM's, a physical GIC.
///
/// Specifications: IHI 0069 (GICv3: chapter 5 LPIs and ITS, chapter 12 registers), IHI 0048
/// (GICv2), the GICv2m part of Arm's SBSA. Not modelled: two Security states, 1 of N routing, list
/// registers, GICv4.1, SGIs of GICv2.
///
/// Stands on `bits`, `memory`, `journey`, `system`, `gic.spec`.
@NullMarked
package dev.belfry.model.gic;

import org.jspecify.annotations.NullMarked;
