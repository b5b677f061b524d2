package dev.belfry.vmm.virt;

import dev.belfry.host.uapi.IoctlFilter;
import dev.belfry.model.journey.Probe;
import dev.belfry.model.smmu.CacheMode;
import dev.belfry.vmm.iommu.AcceleratedSmmu.DoorbellDesign;
import dev.belfry.vmm.msi.MsiHandover;
import java.util.OptionalLong;

/// What can be chosen beside the command line.
///
/// @param doorbell how the doorbell's address is learnt
/// @param rmr whether the IORT has RMR nodes
/// @param caches how emulated SMMUs cache
/// @param probe told of what happens on the guest's side
/// @param filter asked before each system call
/// @param msi what is done for the address in devices' own messages
/// @param ownCaches whether invalidations of accelerated SMMUs reach the VMM's own caches as well;
///   not so where the guest queues them past the VMM
/// @param lowRam memory maps with RAM at low addresses: where guest RAM is seen a second time by
///   devices, 1 MiB of it
public record VirtOptions(
        DoorbellDesign doorbell,
        boolean rmr,
        CacheMode caches,
        Probe probe,
        IoctlFilter filter,
        MsiHandover msi,
        boolean ownCaches,
        OptionalLong lowRam) {}
