package dev.belfry.host.description;

/// Options of the host kernel's modules.
///
/// @param allowUnsafeInterrupts `iommufd.allow_unsafe_interrupts`
/// @param disableMsipolling `arm_smmu_v3.disable_msipolling`
public record ModuleOptions(boolean allowUnsafeInterrupts, boolean disableMsipolling) {

    /// As a kernel starts without any.
    public static final ModuleOptions DEFAULT = new ModuleOptions(false, false);
}
