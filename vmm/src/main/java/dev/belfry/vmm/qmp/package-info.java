/// The QEMU Machine Protocol, as far as test programs and launchers use it.
///
/// [QmpServer] turns one request into its reply and events; what a request does to a machine is
/// [QmpMachine]'s. [JsonStream] cuts a stream into JSON texts. [QmpSocket] serves one client after
/// the other on a Unix socket.
///
/// Sources: QEMU's `docs/interop/qmp-spec`; messages as QEMU 10.0 gives them.
@NullMarked
package dev.belfry.vmm.qmp;

import org.jspecify.annotations.NullMarked;
