package dev.belfry.host.description;

import java.util.Arrays;
import java.util.Optional;

/// What a kernel may be built without, and passing devices through takes.
public enum KernelOption {
    /// The driver of Arm's SMMUv3.
    ARM_SMMU_V3("no SMMU is driven"),
    /// Its part that nests guests.
    ARM_SMMU_V3_IOMMUFD("no guest can nest on the SMMU"),
    /// `/dev/iommu`.
    IOMMUFD("there is no /dev/iommu"),
    /// The driver of Tegra241's command queues.
    TEGRA241_CMDQV("no guest can have command queues of its own"),
    /// Character devices of VFIO, which iommufd needs.
    VFIO_DEVICE_CDEV("there are no /dev/vfio/devices/vfioN"),
    /// The driver that gives PCI functions to guests.
    VFIO_PCI("no PCI device can be passed through");

    private final String without;

    KernelOption(String without) {
        this.without = without;
    }

    /// As `.config` has it.
    public String symbol() {
        return "CONFIG_" + name();
    }

    /// What a kernel without it lacks.
    public String without() {
        return without;
    }

    /// By its name, with `CONFIG_` or without.
    public static Optional<KernelOption> named(String text) {
        String name = text.startsWith("CONFIG_") ? text.substring("CONFIG_".length()) : text;
        return Arrays.stream(values()).filter(o -> o.name().equals(name)).findFirst();
    }
}
