package dev.belfry.kernel.iopgtable;

/// How a mapping went.
public enum MapStatus {
    /// Mapped.
    DONE,
    /// Part of the range is mapped already (`EEXIST`); nothing was changed before that part.
    EXISTS,
    /// Input or output beyond the table's size (`ERANGE`).
    RANGE,
    /// An address or the size is not page aligned, or the size is zero (`EINVAL`).
    MISALIGNED
}
