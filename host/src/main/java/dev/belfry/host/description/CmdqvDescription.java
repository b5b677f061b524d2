package dev.belfry.host.description;

import dev.belfry.model.smmu.Cmdqv;

/// A Tegra241 CMDQ-V beside a physical SMMU.
///
/// @param base physical address of its frame
/// @param parameters what its PARAM register says
public record CmdqvDescription(long base, Cmdqv.Parameters parameters) {}
