/// A stand-in for `qemu-system-aarch64` under QEMU's own qtest programs: our machine behind QEMU's
/// qtest and QMP protocols.
///
/// [StandIn] is the entry: it reads what it needs of a QEMU command line ([StandInOptions]), builds
/// the machine ([StandInMachine]: virt's RAM, SMMUv3, PCIe and endpoints, no CPUs), connects to the
/// sockets, and answers until it is told to end. [QtestServer] turns one request into its reply, as
/// does `vmm.qmp` for the monitor. What cannot be understood is answered with `FAIL` or an error
/// object.
///
/// Stands on `model`, `vmm.cmdline`, `vmm.machine`. QEMU's `system/qtest.c`,
/// `docs/interop/qmp-spec`.
@NullMarked
package dev.belfry.vmm.qtest;

import org.jspecify.annotations.NullMarked;
