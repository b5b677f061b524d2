/// The rule book, and machines held against it.
///
/// [RuleBook] has all rules of `dev.belfry.vmm.rule` in QEMU's order; [CheckedMachine] has a
/// command line read (`dev.belfry.vmm.reader`) and holds the machine against them under [Terms]:
/// which QEMU, which host, which kernel. [PlugRules] are those for devices that come and go.
@NullMarked
package dev.belfry.vmm.check;

import org.jspecify.annotations.NullMarked;
