package dev.belfry.vmm.machine;

import java.util.Optional;
import java.util.Set;

/// What a guest is told of a CPU model.
///
/// @param compatible its name in the device tree
/// @param aarch64 64-bit
/// @param pmu whether it counts events
/// @param caches its first level, where QEMU has a model of it; with KVM they are the host's
/// @param vhe `FEAT_VHE`, with which EL2 has a virtual timer
public record CpuModel(
        String compatible, boolean aarch64, boolean pmu, Optional<CpuCaches> caches, boolean vhe) {

    private static final Set<String> AARCH32 = Set.of("cortex-a7", "cortex-a15");
    private static final Set<String> WITHOUT_VHE =
            Set.of("cortex-a35", "cortex-a53", "cortex-a57", "cortex-a72");

    /// Of `-cpu`.
    ///
    /// @param kvm whether the host's CPU runs the guest
    public static CpuModel of(Cpus cpus, boolean kvm) {
        String model = cpus.model();
        boolean ofHost = kvm && (model.equals("host") || model.equals("max"));
        boolean aarch64 = is64Bit(model);
        // QEMU's own largest CPU grew out of its Cortex-A57, and still says so.
        String name =
                ofHost
                        ? "armv8"
                        : model.equals("max") || model.equals("host") ? "cortex-a57" : model;
        return new CpuModel(
                "arm," + name,
                aarch64,
                cpus.feature("pmu").orElse(true),
                kvm ? Optional.empty() : CpuCaches.of(model),
                aarch64 && !WITHOUT_VHE.contains(model));
    }

    /// Whether a model of `-cpu` has AArch64.
    public static boolean is64Bit(String model) {
        return !AARCH32.contains(model);
    }

    /// A feature that `-cpu` switches on or off: `pmu=off`.
    static Optional<Boolean> feature(String features, String name) {
        Optional<Boolean> found = Optional.empty();
        for (String word : features.split(",", -1)) {
            if (word.equals(name + "=on") || word.equals("+" + name) || word.equals(name)) {
                found = Optional.of(true);
            } else if (word.equals(name + "=off") || word.equals("-" + name)) {
                found = Optional.of(false);
            }
        }
        return found;
    }
}
