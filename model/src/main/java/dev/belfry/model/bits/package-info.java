/// Bit fields of registers and structures, and the shifts that guest data may ask for.
///
/// [Field] is written as the specifications write it: `bits(55, 6)` is `[55:6]`. [Bits] holds the
/// few operations whose amount may come from a guest; Java masks shift counts, so a bare `1L << n`
/// with a guest-chosen `n` is wrong from 64 on. [Hex] is the one way in which Belfry spells
/// numbers.
///
/// Stands on nothing.
@NullMarked
package dev.belfry.model.bits;

import org.jspecify.annotations.NullMarked;
