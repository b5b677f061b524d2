package dev.belfry.host.description;

/// Options of the host kernel's modules.
///
/// @param allowUnsafeInterrupts `iommufd.allow_unsafe_interrupts`
/// @param disableMsipolling `arm_smmu_v3.disable_msipolling`
/// @param dropUnflushedInvalidations no option of Linux, but a quirk of it that is asked for: when
///   a guest's command is refused, those before it in the batch are counted as done and never
///   issued
public record ModuleOptions(
        boolean allowUnsafeInterrupts,
        boolean disableMsipolling,
        boolean dropUnflushedInvalidations) {

    /// As a kernel starts without any.
    public static final ModuleOptions DEFAULT = new ModuleOptions(false, false, false);
}
