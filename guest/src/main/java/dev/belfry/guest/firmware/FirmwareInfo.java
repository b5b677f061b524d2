package dev.belfry.guest.firmware;

import java.util.List;

/// The platform as firmware describes it.
///
/// Lists refer to each other by index: an [IdMap] of [HostBridge#iommuMaps] names an entry of
/// [#smmus], one of [HostBridge#msiMaps] an entry of [#msiControllers].
///
/// @param source which kind of firmware said so
/// @param cpus in the order in which the kernel numbers them
/// @param gic the interrupt controller
/// @param msiControllers ITSs and GICv2m frames; empty when the platform has no MSIs
/// @param smmus SMMUv3s
/// @param hostBridges PCI host bridges, at least one bus each
/// @param rmrs reserved memory regions (IORT RMR nodes); none in a device tree
public record FirmwareInfo(
        Source source,
        List<Cpu> cpus,
        Gic gic,
        List<MsiController> msiControllers,
        List<SmmuNode> smmus,
        List<HostBridge> hostBridges,
        List<ReservedMemory> rmrs) {

    /// Kinds of firmware.
    public enum Source {
        ACPI,
        DEVICE_TREE
    }

    public FirmwareInfo {
        cpus = List.copyOf(cpus);
        msiControllers = List.copyOf(msiControllers);
        smmus = List.copyOf(smmus);
        hostBridges = List.copyOf(hostBridges);
        rmrs = List.copyOf(rmrs);
    }

    /// The reserved regions that Linux maps for a PCI function: those that name its stream, but
    /// only if its bridge preserves the boot configuration; otherwise the ids that firmware wrote
    /// down may be somebody else's by now, and RMRs are ignored without a word.
    ///
    /// @param bridge the function's
    /// @param smmu index into [#smmus]
    /// @param streamId the function's
    public List<ReservedMemory> reservedFor(HostBridge bridge, int smmu, long streamId) {
        return bridge.preserveConfig()
                ? rmrs.stream().filter(rmr -> rmr.names(smmu, streamId)).toList()
                : List.of();
    }

    /// A CPU.
    ///
    /// @param mpidr affinity fields of MPIDR_EL1: Aff3 `[39:32]`, Aff2..0 `[23:0]`
    public record Cpu(long mpidr) {}
}
