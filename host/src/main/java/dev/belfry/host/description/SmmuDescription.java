package dev.belfry.host.description;

import dev.belfry.model.smmu.SmmuIdentity;

/// A physical SMMUv3.
///
/// @param name how devices refer to it
/// @param base physical address of its registers
/// @param identity what its ID registers say
/// @param canwbs firmware says that its root ports are fully coherent, No-Snoop included (IORT
///   CANWBS)
public record SmmuDescription(String name, long base, SmmuIdentity identity, boolean canwbs) {

    /// This SMMU with another identity.
    public SmmuDescription with(SmmuIdentity other) {
        return new SmmuDescription(name, base, other, canwbs);
    }
}
