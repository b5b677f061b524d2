/// Reads what a Linux host is, from its `/sys`, `/proc` and `/dev`, or from a saved copy of them.
///
/// Entry: [HostProbe], which gives a [ProbedHost]; [ProbedYaml] writes that as a description that
/// `dev.belfry.host.description` reads. [SysTree] is the only way to files; [PciProbe] reads
/// devices with the configuration-space decoders of the model; [SmmuProbe] the SMMUs; [KernelProbe]
/// version, configuration and device nodes.
///
/// What cannot be read, because only root may or because Linux does not tell it, is said in
/// [ProbedHost#notes] and in the description's comments, and is not guessed. The description needs
/// some of it all the same; such a value is marked `assumed`.
///
/// Source: Linux Documentation/ABI/testing/sysfs-bus-pci, sysfs-class-iommu,
/// sysfs-kernel-iommu_groups; PCI Express 6, chapter 7.
@NullMarked
package dev.belfry.host.probe;

import org.jspecify.annotations.NullMarked;
