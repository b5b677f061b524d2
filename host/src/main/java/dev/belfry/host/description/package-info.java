/// What a host is made of: CPUs, memory, SMMUs, ITSs, devices, and the kernel that runs it.
///
/// [HostDescription] is the whole; it is read from YAML ([HostDescription#read]; the presets are
/// examples), taken from a preset ([HostDescription#preset]: `grace`, `kunpeng920`), or made up to
/// fit the devices that a command line asks for ([HostDescription#inventFor]). Errors of a file are
/// [DescriptionError]s with file, line and hint.
///
/// Stands on `host.uapi`, `kernel.iopgtable` (page sizes) and the layouts of `model`.
@NullMarked
package dev.belfry.host.description;

import org.jspecify.annotations.NullMarked;
