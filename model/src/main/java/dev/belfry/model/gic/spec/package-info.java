/// Layouts of IHI 0069 (GICv3), IHI 0048 (GICv2) and GICv2m: types only.
///
/// Register maps are enums, one a frame ([Gicd], [Gicr], [Gits], [Gicc], [V2m]), each row a
/// [Register]; the registers' fields are views over their values ([GitsBaser], [GitsTyper],
/// [GicrPropbaser], ...). [ItsCommand] is what goes into the command queue (5.3).
///
/// [Dte], [Ite] and [Cte] are the ITS's tables by meaning; how they lie in memory is implementation
/// defined, hence an [ItsTableFormat] for each implementation. The LPI tables (5.1) are
/// architected: [LpiConfig], [GicrPendbaser].
///
/// Stands on `bits`.
@NullMarked
package dev.belfry.model.gic.spec;

import org.jspecify.annotations.NullMarked;
