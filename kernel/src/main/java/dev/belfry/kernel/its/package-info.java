/// Interrupt controllers and MSIs, in the order in which Linux (6.1: irq-gic-v3, irq-gic-v3-its,
/// irq-gic-v2m, irq-gic) touches them.
///
/// [GicV3] and [GicV2] bring up distributor and redistributors and route SPIs ([SpiController]).
/// [LpiTables] holds the configuration and pending tables and hands out LPIs. An [MsiDomain] gives
/// a device vectors and a message: [ItsDriver] over the command queue and tables of an ITS,
/// [V2mDriver] over a GICv2m frame.
///
/// Specifications: IHI 0069 (GICv3 and ITS), IHI 0048 (GICv2), the GICv2m register frame of the Arm
/// Server Base System Architecture.
@NullMarked
package dev.belfry.kernel.its;

import org.jspecify.annotations.NullMarked;
