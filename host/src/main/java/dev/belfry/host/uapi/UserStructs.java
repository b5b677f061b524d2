package dev.belfry.host.uapi;

import dev.belfry.model.journey.Bytes;

/// Structures that user space hands over with their length.
public final class UserStructs {

    private UserStructs() {}

    /// `iommu_copy_struct_from_user`: a driver's structure, which is not to be longer than the
    /// driver knows it.
    ///
    /// @param known the length that the driver knows
    /// @param name for messages
    /// @return `EINVAL` when it has another length
    public static Result<Done> check(Bytes given, int known, String name) {
        return given.length() == known
                ? Result.done()
                : Result.err(Errno.EINVAL, "struct " + name + " has " + known + " bytes");
    }
}
