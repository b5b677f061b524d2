package dev.belfry.vmm.machine;

import java.util.Optional;

/// The guest's CPUs.
///
/// @param model as given by `-cpu`, without its features
/// @param features what follows the model, as given
/// @param count at start, at least 1
/// @param max at most 512
/// @param topology how they are grouped
public record Cpus(String model, String features, int count, int max, CpuTopology topology) {

    /// Whether `-cpu` switches a feature on or off.
    public Optional<Boolean> feature(String name) {
        return CpuModel.feature(features, name);
    }
}
