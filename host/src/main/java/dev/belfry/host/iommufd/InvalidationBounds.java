package dev.belfry.host.iommufd;

import dev.belfry.host.uapi.KernelVersion;

/// How large an array of `IOMMU_HWPT_INVALIDATE` may be.
///
/// @param version the kernel; before 7.2 there is no bound
/// @param pageShift log2 of its page size
public record InvalidationBounds(KernelVersion version, int pageShift) {

    /// `IOMMU_HWPT_INVALIDATE_ENTRY_NUM_MAX`.
    private static final int MOST_ENTRIES = 1 << 19;

    /// Whether so many entries, of so many bytes each, unsigned, are allowed.
    public boolean allow(int entries, int length) {
        return entries == 0
                || !version.has(KernelVersion.V7_2)
                || (Integer.compareUnsigned(entries, MOST_ENTRIES) <= 0
                        && Integer.compareUnsigned(length, 1 << pageShift) <= 0);
    }
}
