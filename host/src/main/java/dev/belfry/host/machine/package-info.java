/// The physical machine: what firmware would find before any kernel runs.
///
/// [HostMachine] builds it from a description: one address map with RAM, GICv3, ITSs, SMMUs, the
/// configuration space and BARs of PCI segments; functions whose DMA goes through their SMMU. To
/// the kernel it is a [dev.belfry.kernel.Machine]. [HostBridge] is what firmware says about PCI.
///
/// Each bus of the description is a root bus: root ports are left out.
///
/// Stands on `host.description`, `kernel` (its `Machine`), and the engines of `model`.
@NullMarked
package dev.belfry.host.machine;

import org.jspecify.annotations.NullMarked;
