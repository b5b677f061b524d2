package dev.belfry.kernel.pci;

/// A range of addresses that a host bridge passes down.
///
/// @param space which address space of PCI
/// @param cpuBase physical address
/// @param pciBase the same on the bus
/// @param size in bytes
public record HostWindow(Space space, long cpuBase, long pciBase, long size) {

    /// Address spaces.
    public enum Space {
        IO,
        /// Memory below 4 GiB.
        MEM32,
        /// Memory beyond.
        MEM64
    }

    boolean containsPci(long address) {
        return Long.compareUnsigned(address - pciBase, size) < 0;
    }

    /// The part from an address on the bus on.
    HostWindow from(long pciAddress) {
        long taken = pciAddress - pciBase;
        return new HostWindow(space, cpuBase + taken, pciAddress, size - taken);
    }

    long toCpu(long pciAddress) {
        return pciAddress - pciBase + cpuBase;
    }
}
