package dev.belfry.model.pci;

/// What a PCI function does to the system: reads and writes that go up through its root port to the
/// IOMMU and memory. Addresses are what the function puts on the bus (IOVAs).
public interface DmaPort {

    /// Reads into `into`.
    ///
    /// @param requester requester id, 16 bits
    /// @return false when any part was aborted
    boolean read(int requester, long address, byte[] into);

    /// Writes `from`. A write of 4 bytes may be a message (MSI).
    ///
    /// @return false when any part was aborted
    boolean write(int requester, long address, byte[] from);
}
