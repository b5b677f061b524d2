/// The rule book, and machines held against it.
///
/// [RuleBook] has all rules of `dev.belfry.vmm.rule` in QEMU's order; [CheckedMachine] reads a
/// command line and holds it against them under [Terms]: which QEMU, which host, which kernel.
@NullMarked
package dev.belfry.vmm.machine.check;

import org.jspecify.annotations.NullMarked;
