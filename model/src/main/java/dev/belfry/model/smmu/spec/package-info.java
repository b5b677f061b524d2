/// Layouts of IHI 0070: types only, no behaviour. Registers (chapter 6), Ste (5.2), Cd (5.4),
/// commands (4), event records (7.3), descriptors (Arm ARM D8).
///
/// Stands on `bits`.
@NullMarked
package dev.belfry.model.smmu.spec;

import org.jspecify.annotations.NullMarked;
