package dev.belfry.model.journey;

import java.util.Locale;

/// On which side of the house a hop lies.
public enum Where {
    /// Guest structures, the VMM's vSMMU, KVM's vGIC.
    GUEST,
    /// Host structures, the physical SMMU and ITS.
    HOST;

    /// The name that machines read.
    public String key() {
        return name().toLowerCase(Locale.ROOT);
    }
}
