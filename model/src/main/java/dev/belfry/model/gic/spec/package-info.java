/// Layouts of IHI 0069: types only. ITS commands, GITS_BASER, GITS_TYPER, LPI configuration,
/// register offsets.
///
/// Stands on `bits`.
@NullMarked
package dev.belfry.model.gic.spec;

import org.jspecify.annotations.NullMarked;
