package dev.belfry.host.description;

import dev.belfry.model.smmu.SmmuIdentity;
import java.util.Optional;

/// A physical SMMUv3.
///
/// @param name how devices refer to it
/// @param base physical address of its registers
/// @param identity what its ID registers say
/// @param canwbs firmware says that its root ports are fully coherent, No-Snoop included (IORT
///   CANWBS)
/// @param cmdqv queues that guests can drive, when it has them
public record SmmuDescription(
        String name,
        long base,
        SmmuIdentity identity,
        boolean canwbs,
        Optional<CmdqvDescription> cmdqv) {

    /// This SMMU with another identity.
    public SmmuDescription with(SmmuIdentity other) {
        return new SmmuDescription(name, base, other, canwbs, cmdqv);
    }

    /// This SMMU with a CMDQ-V.
    public SmmuDescription with(CmdqvDescription other) {
        return new SmmuDescription(name, base, identity, canwbs, Optional.of(other));
    }
}
