/// What every system call of the host has in common: the calls' names and numbers, [Result] or
/// [Errno], file descriptors that signal, and the seam at which a test makes a call fail.
///
/// Sources: `linux/iommufd.h`, `linux/vfio.h`, `linux/kvm.h` for names and numbers.
///
/// Stands on nothing of the host.
@NullMarked
package dev.belfry.host.uapi;

import org.jspecify.annotations.NullMarked;
