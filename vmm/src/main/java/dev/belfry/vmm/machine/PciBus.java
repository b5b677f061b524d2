package dev.belfry.vmm.machine;

import java.util.List;
import java.util.OptionalInt;
import java.util.stream.Stream;

/// A PCI bus of the guest.
///
/// @param name as `bus=` calls it
/// @param kind what it hangs from
/// @param number of a root bus; below bridges the guest numbers buses itself, and this is -1
/// @param numaNode of a pxb-pcie
/// @param bypassIommu whether the machine's SMMU is told to leave this root bus alone
/// @param functions by slot
public record PciBus(
        String name,
        Kind kind,
        int number,
        OptionalInt numaNode,
        boolean bypassIommu,
        List<PciFunction> functions) {

    /// What a bus hangs from.
    public enum Kind {
        /// `pcie.0`.
        ROOT,
        /// A pxb-pcie.
        PXB,
        /// A root port, a switch port or another bridge.
        BRIDGE
    }

    public PciBus {
        functions = List.copyOf(functions);
    }

    /// Everything on this bus and below its bridges, but not on the root bus of a pxb-pcie.
    public Stream<PciFunction> everything() {
        return functions.stream()
                .flatMap(f ->
                        f instanceof PciFunction.Bridge bridge
                                ? Stream.concat(Stream.of(f), bridge.secondary().everything())
                                : Stream.of(f));
    }
}
