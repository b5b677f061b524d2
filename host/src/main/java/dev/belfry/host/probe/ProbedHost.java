package dev.belfry.host.probe;

import dev.belfry.host.description.KernelOption;
import dev.belfry.model.pci.spec.Bdf;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/// What was read of a host. What could not be read is absent, and told in the notes.
///
/// @param name of the host, or of the copy
/// @param release of its kernel, as `uname -r` has it; empty when unknown
/// @param pageSize in bytes
/// @param cpus that are present
/// @param ram bytes of it
/// @param nodes NUMA nodes that are online
/// @param hugePages pages set aside, by size
/// @param smmus its SMMUv3s, by address
/// @param devices PCI functions behind them that are no bridges, by address
/// @param without what its kernel is built without, where its configuration could be read
/// @param notes what somebody should know, one sentence each
public record ProbedHost(
        String name,
        String release,
        OptionalLong pageSize,
        OptionalInt cpus,
        OptionalLong ram,
        OptionalInt nodes,
        List<HugePages> hugePages,
        List<Smmu> smmus,
        List<Device> devices,
        List<KernelOption> without,
        List<String> notes) {

    public ProbedHost {
        hugePages = List.copyOf(hugePages);
        smmus = List.copyOf(smmus);
        devices = List.copyOf(devices);
        without = List.copyOf(without);
        notes = List.copyOf(notes);
    }

    /// Huge pages of one size.
    ///
    /// @param size in bytes
    /// @param count how many are set aside
    public record HugePages(long size, long count) {}

    /// Addresses that a device's group cannot map.
    ///
    /// @param first address
    /// @param last address
    /// @param type as Linux has it: `msi`, `reserved`, `direct`
    public record Reserved(long first, long last, String type) {}

    /// An SMMUv3.
    ///
    /// @param name as sysfs has it: `smmu3.0x0000000010000000`
    /// @param base physical address
    /// @param oas output address bits, as the kernel log has them
    /// @param features the driver's feature word in the kernel log
    public record Smmu(String name, long base, OptionalInt oas, OptionalLong features) {}

    /// A PCI function.
    ///
    /// @param bdf its address
    /// @param vendorId of its configuration space
    /// @param deviceId likewise
    /// @param classCode 24 bits
    /// @param bars memory BARs
    /// @param config what its configuration space could be read for
    /// @param smmu sysfs name of the SMMU that it is behind
    /// @param node its NUMA node
    /// @param group its IOMMU group
    /// @param reserved what its group cannot map
    /// @param driver that is bound to it
    /// @param vfioNode its node in `/dev/vfio/devices`
    public record Device(
            Bdf bdf,
            int vendorId,
            int deviceId,
            int classCode,
            List<Bar> bars,
            Config config,
            String smmu,
            OptionalInt node,
            OptionalInt group,
            List<Reserved> reserved,
            Optional<String> driver,
            Optional<String> vfioNode) {

        public Device {
            bars = List.copyOf(bars);
            reserved = List.copyOf(reserved);
        }
    }

    /// A memory BAR.
    ///
    /// @param index 0..5
    /// @param size in bytes
    /// @param wide 64-bit
    /// @param prefetchable reads have no side effects
    public record Bar(int index, long size, boolean wide, boolean prefetchable) {}

    /// What configuration space says. Beyond its first 64 bytes only root reads it.
    ///
    /// @param bytes how many were read: 64, 256 or 4096
    /// @param express whether it has a PCI Express capability, and so 4096 bytes
    /// @param msix vectors of MSI-X; empty without the capability or when it could not be read
    /// @param msixBar the BAR with the table
    /// @param msi vectors of MSI
    /// @param pin INTx pin, 0 when it has none or that was not read
    /// @param ats the ATS capability
    /// @param pri the PRI capability
    /// @param pasidBits width of PASIDs; 0 without the capability
    public record Config(
            int bytes,
            boolean express,
            OptionalInt msix,
            OptionalInt msixBar,
            OptionalInt msi,
            int pin,
            boolean ats,
            boolean pri,
            int pasidBits) {

        /// Whether the list of capabilities was read.
        public boolean capabilities() {
            return bytes >= 256;
        }

        /// Whether the extended capabilities are known: a conventional device has none.
        public boolean extended() {
            return bytes >= 4096 || (capabilities() && !express);
        }
    }
}
