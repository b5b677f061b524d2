package dev.belfry.host.iommufd;

import dev.belfry.host.uapi.Errno;
import java.util.List;
import java.util.Optional;

/// What `IOMMU_IOAS_IOVA_RANGES` writes back.
///
/// @param ranges as many as the caller had room for
/// @param needed `num_iovas`: how many there are
/// @param alignment `out_iova_alignment`
/// @param errno `EMSGSIZE` when there are more than the caller had room for
public record IovaRanges(
        List<IovaRange> ranges, int needed, long alignment, Optional<Errno> errno) {}
