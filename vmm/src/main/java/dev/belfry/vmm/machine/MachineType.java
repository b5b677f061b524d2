package dev.belfry.vmm.machine;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A version of the virt board. `virt` alone is the newest.
///
/// @param name as given
/// @param major of the version
/// @param minor of the version
public record MachineType(String name, int major, int minor) {

    /// What `virt` alone stands for.
    public static final MachineType NEWEST = new MachineType("virt", 11, 1);

    private static final Pattern VERSIONED = Pattern.compile("virt-(\\d{1,2})\\.(\\d{1,2})");

    /// The version of that name, if there is or was one.
    public static Optional<MachineType> of(String name) {
        return of(name, QemuRelease.NEWEST);
    }

    /// The version of that name, as a release of QEMU has it.
    public static Optional<MachineType> of(String name, QemuRelease release) {
        MachineType newest = new MachineType("virt", release.major(), release.minor());
        if (name.equals("virt")) {
            return Optional.of(newest);
        }
        Matcher matcher = VERSIONED.matcher(name);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        int major = Integer.parseInt(matcher.group(1));
        int minor = Integer.parseInt(matcher.group(2));
        MachineType type = new MachineType(name, major, minor);
        boolean existed = major == 2 ? minor >= 6 && minor <= 12 : major > 2 && minor <= 2;
        return existed && !type.isNewerThan(newest) ? Optional.of(type) : Optional.empty();
    }

    /// Whether this is version `wantedMajor.wantedMinor` or newer.
    public boolean isAtLeast(int wantedMajor, int wantedMinor) {
        return major > wantedMajor || (major == wantedMajor && minor >= wantedMinor);
    }

    /// The stages of the SMMU that `iommu=smmuv3` makes.
    public SmmuInstance.Stage legacySmmuStage() {
        return isAtLeast(9, 2) ? SmmuInstance.Stage.NESTED : SmmuInstance.Stage.ONE;
    }

    /// Whether disabled high regions leave no hole unless `compact-highmem=off` says so.
    public boolean compactHighmem() {
        return isAtLeast(7, 2);
    }

    private boolean isNewerThan(MachineType other) {
        return !other.isAtLeast(major, minor);
    }
}
