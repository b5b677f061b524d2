package dev.belfry.host.uapi;

import dev.belfry.model.journey.Bytes;

/// Structures that user space hands over with their length.
public final class UserStructs {

    private UserStructs() {}

    /// The rule of `iommu_copy_struct_from_user`.
    ///
    /// @param data what user space gave
    /// @param length bytes of the structure as this kernel knows it
    /// @param name of the structure
    /// @return `EINVAL` when it is shorter, `E2BIG` when it is longer and the rest is not zero
    public static Result<Done> check(Bytes data, int length, String name) {
        if (data.length() < length) {
            return Result.err(Errno.EINVAL, "struct " + name + " has " + length + " bytes");
        }
        for (int i = length; i < data.length(); i++) {
            if (data.at(i) != 0) {
                return Result.err(Errno.E2BIG, "struct " + name + " is longer than known");
            }
        }
        return Result.done();
    }
}
