package dev.belfry.model.smmu;

/// What the ID registers advertise. Everything that is optional in the architecture follows from
/// it.
///
/// @param name preset's name, or a description
public record SmmuIdentity(
        String name,
        int idr0,
        int idr1,
        int idr2,
        int idr3,
        int idr4,
        int idr5,
        int iidr,
        int aidr) {}
