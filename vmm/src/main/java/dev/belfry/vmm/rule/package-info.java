/// What a rule is.
///
/// A [Rule] looks at a [Subject] (the machine of a command line, and what is known of QEMU's
/// release, the host and its kernel) and tells what it found to [Found], which turns it into
/// [dev.belfry.vmm.machine.Problem]s in the order in which QEMU would meet them. [About] is what a
/// rule says of itself: id, severity, phase, reason, source; docs/rules.md and SARIF are made from
/// it.
///
/// The rules themselves are in the packages below, by subject: `board`, `smmu`, `pci`, `vfio`,
/// `host`, `guest`. What can only be seen while reading is found by the readers of
/// `dev.belfry.vmm.machine`; `reading` has what is to be said of those.
@NullMarked
package dev.belfry.vmm.rule;

import org.jspecify.annotations.NullMarked;
