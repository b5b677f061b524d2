/// What QEMU calls its devices, CPUs, objects and their properties, and which values these take.
///
/// [Catalog] finds a [Description] by name; it has [Property]s, each with a [ValueType] that
/// refuses in QEMU's words, and a [Span] of releases. The facts are in the resource `qemu.txt`, as
/// QEMU itself tells them:
///
/// - `enum NAME VALUE…` a type by its values
/// - `set NAME` with properties below it, which many devices share
/// - `device NAME… : BUS SET…`, `cpu`, `object`, `machine` with properties of their own below;
///   `NAME=ALIAS` where there is one, bus `-` for none
/// - a property is `NAME:TYPE`, with `!` when it must be given, and `@SINCE-UNTIL` where not all
///   releases have it
/// - `elsewhere BUS`: devices on buses that `virt` does not have; `builtin`: types that only
///   machines make; `foreign-cpus`: those of other machines, which are `machines`
///
/// It stands on `cmdline` (quantities) and `version`.
@NullMarked
package dev.belfry.vmm.catalog;

import org.jspecify.annotations.NullMarked;
