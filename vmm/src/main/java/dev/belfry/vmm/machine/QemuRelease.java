package dev.belfry.vmm.machine;

import java.util.List;
import java.util.Optional;

/// A release of QEMU, as far as the modelled behaviour depends on it.
public record QemuRelease(int major, int minor) {

    /// `arm-smmuv3` as a device.
    public static final QemuRelease V10_2 = new QemuRelease(10, 2);

    /// `accel=on`, vEVENTQ, `msi=`.
    public static final QemuRelease V11_0 = new QemuRelease(11, 0);

    /// `auto` properties, Tegra241 CMDQV.
    public static final QemuRelease V11_1 = new QemuRelease(11, 1);

    /// The newest that Belfry knows.
    public static final QemuRelease NEWEST = V11_1;

    /// All that Belfry knows, oldest first.
    public static final List<QemuRelease> KNOWN = List.of(V10_2, V11_0, V11_1);

    /// The release of that name: `11.0`.
    public static Optional<QemuRelease> of(String name) {
        return KNOWN.stream().filter(r -> r.toString().equals(name)).findFirst();
    }

    /// Whether this release has what came with `first`.
    public boolean has(QemuRelease first) {
        return major > first.major || (major == first.major && minor >= first.minor);
    }

    @Override
    public String toString() {
        return major + "." + minor;
    }
}
