/// Captures: systems that were read once and are looked at later.
///
/// [CaptureFolder] reads a folder of text and binary files as the project's own capture scripts
/// write them; [Bundle] writes and reads the `.belfry` file, one small compressed file for a ticket
/// (its layout is in `docs/bundle.md`). Both give a [dev.belfry.model.system.Snapshot].
/// [KernelGicText] reads what KVM tells of a VM's GIC in debugfs. [CoreCapture] is an ELF core of
/// all memory with a text file of registers. Whatever is wrong with a file is one [CaptureError]:
/// files come from strangers.
///
/// Stands on `model.system`, `model.pci.spec`, `qemu.pci`; Jackson for the JSON in both.
@NullMarked
package dev.belfry.qemu.capture;

import org.jspecify.annotations.NullMarked;
