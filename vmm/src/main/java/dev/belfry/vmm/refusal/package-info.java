/// How a refusal of the host reaches the user.
///
/// [RefusalLog] keeps what the host refused while the machine runs, a sentence each, with the
/// system call and its errno; [HostRefusal] is what ends a start or a hot-plug.
///
/// Stands on `host.uapi`.
@NullMarked
package dev.belfry.vmm.refusal;

import org.jspecify.annotations.NullMarked;
