package dev.belfry.vmm.machine;

import dev.belfry.vmm.version.QemuVersion;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A version of the virt board. `virt` alone is the newest.
///
/// @param name as given
/// @param version of the board
public record MachineType(String name, QemuVersion version) {

    /// What `virt` alone stands for.
    public static final MachineType NEWEST = new MachineType("virt", QemuVersion.NEWEST);

    private static final int YEARS_KEPT = 6;
    private static final Pattern VERSIONED = Pattern.compile("virt-(\\d{1,2})\\.(\\d{1,2})");

    /// The version of that name, if there is or was one.
    public static Optional<MachineType> of(String name) {
        return of(name, QemuVersion.NEWEST);
    }

    /// The version of that name, as a release of QEMU has it.
    public static Optional<MachineType> of(String name, QemuVersion qemu) {
        if (name.equals("virt")) {
            return Optional.of(new MachineType(name, qemu));
        }
        Matcher matcher = VERSIONED.matcher(name);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        int major = Integer.parseInt(matcher.group(1));
        int minor = Integer.parseInt(matcher.group(2));
        MachineType type = new MachineType(name, new QemuVersion(major, minor));
        boolean existed = major == 2 ? minor >= 6 && minor <= 12 : major > 2 && minor <= 2;
        return existed && qemu.isAtLeast(type.version) && !type.isGoneIn(qemu)
                ? Optional.of(type)
                : Optional.empty();
    }

    /// The oldest that a release has.
    public static String oldest(QemuVersion qemu) {
        for (int major = 2; major <= qemu.major(); major++) {
            for (int minor = 0; minor <= 12; minor++) {
                String name = "virt-" + major + "." + minor;
                if (of(name, qemu).isPresent()) {
                    return name;
                }
            }
        }
        return "virt";
    }

    /// Since 10.1 QEMU drops a type that is six years, and so six major releases, old.
    private boolean isGoneIn(QemuVersion qemu) {
        return qemu.isAtLeast(10, 1)
                && qemu.isAtLeast(version.major() + YEARS_KEPT, version.minor());
    }

    /// Whether this is version `wantedMajor.wantedMinor` or newer.
    public boolean isAtLeast(int wantedMajor, int wantedMinor) {
        return version.isAtLeast(wantedMajor, wantedMinor);
    }

    /// The stages of the SMMU that `iommu=smmuv3` makes.
    public SmmuInstance.Stage legacySmmuStage() {
        return isAtLeast(9, 2) ? SmmuInstance.Stage.NESTED : SmmuInstance.Stage.ONE;
    }

    /// Whether disabled high regions leave no hole unless `compact-highmem=off` says so.
    public boolean compactHighmem() {
        return isAtLeast(7, 2);
    }
}
