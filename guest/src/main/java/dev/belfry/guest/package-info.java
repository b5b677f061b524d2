/// A Linux-like guest kernel: policy on top of `kernel`'s drivers. It touches the machine only
/// through what a CPU can reach.
///
/// [Guest] boots and is then asked to do things; what it knows comes out as a [GuestReport].
/// Inside: [InterruptSetup] (GIC, ITS, GICv2m), [GuestIommu] (SMMUs, IOMMU groups and their default
/// domains, reserved regions), [HotPlug] (cards that come and go), `driver` (a device driver),
/// `dma` (the DMA API), `irq` (who takes what), `firmware` (what ACPI or a device tree said).
///
/// Sources of its behaviour: Linux 6.1 and later, as measured on real guests.
@NullMarked
package dev.belfry.guest;

import org.jspecify.annotations.NullMarked;
