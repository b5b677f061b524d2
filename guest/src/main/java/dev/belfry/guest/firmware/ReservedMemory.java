package dev.belfry.guest.firmware;

import java.util.List;

/// An IORT RMR node's memory range and the streams that use it (DEN0049E 3.1.1.5).
///
/// @param base first address
/// @param length in bytes
/// @param remapPermitted flag bit 0: the OS may replace the identity mapping
///   (`IOMMU_RESV_DIRECT_RELAXABLE`)
/// @param privileged flag bit 1: accesses are privileged
/// @param attributes flag bits `[9:2]`: 0..3 Device memory (nGnRnE, nGnRE, nGRE, GRE), 4 Normal
///   non-cacheable, 5 Normal write-back
/// @param streams whose DMA goes there
public record ReservedMemory(
        long base,
        long length,
        boolean remapPermitted,
        boolean privileged,
        int attributes,
        List<Streams> streams) {

    public ReservedMemory {
        streams = List.copyOf(streams);
    }

    /// A range of StreamIDs.
    ///
    /// @param smmu index into [FirmwareInfo#smmus]
    /// @param first first StreamID
    /// @param count how many, at least 1
    public record Streams(int smmu, long first, long count) {

        /// Whether it names `streamId` of the SMMU `index`.
        public boolean covers(int index, long streamId) {
            return index == smmu && streamId >= first && streamId - first < count;
        }
    }

    /// Whether the region is for `streamId` of the SMMU `index`.
    public boolean names(int index, long streamId) {
        return streams.stream().anyMatch(s -> s.covers(index, streamId));
    }
}
