package dev.belfry.vmm.machine;

import dev.belfry.vmm.cmdline.Position;

/// `-object iommufd`: one file descriptor of `/dev/iommu`.
///
/// @param id its name
/// @param fd the descriptor that the launcher passes in, or empty
/// @param at where it was asked for
public record Iommufd(String id, String fd, Position at) {}
