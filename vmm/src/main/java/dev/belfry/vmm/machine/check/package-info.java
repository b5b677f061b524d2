/// What may not be combined, one rule a method, in files by the phase in which QEMU would meet it.
///
/// Entry: [Checks]. Every rule looks at the finished [dev.belfry.vmm.machine.MachineDescription]
/// and adds [dev.belfry.vmm.machine.Problem]s; what can only be seen while reading (unknown names,
/// occupied slots, malformed values) is reported by the readers themselves.
@NullMarked
package dev.belfry.vmm.machine.check;

import org.jspecify.annotations.NullMarked;
