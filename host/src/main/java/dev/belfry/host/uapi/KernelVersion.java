package dev.belfry.host.uapi;

import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// A kernel release, as far as the modelled behaviour depends on it.
///
/// @param major 6 or 7
/// @param minor 13..19; of 7: 0, 2 or 3
public record KernelVersion(int major, int minor) implements Comparable<KernelVersion> {

    /// The first release with vIOMMU objects and nested SMMUv3.
    public static final KernelVersion V6_13 = new KernelVersion(6, 13);

    /// `IOMMU_IOAS_CHANGE_PROCESS`.
    public static final KernelVersion V6_14 = new KernelVersion(6, 14);

    /// vEVENTQ, PASIDs through VFIO, and the reworked SW_MSI.
    public static final KernelVersion V6_15 = new KernelVersion(6, 15);

    /// Messages of a device that is attached to nothing are refused.
    public static final KernelVersion V6_16 = new KernelVersion(6, 16);

    /// Hardware queues (Tegra241 CMDQV); tokens of PCI functions in VFIO's bind.
    public static final KernelVersion V6_17 = new KernelVersion(6, 17);

    /// Abort and bypass proxies may be attached before a vSID is known.
    public static final KernelVersion V6_19 = new KernelVersion(6, 19);

    /// A device is parked on its group's blocking domain while it is reset
    /// (`pci_dev_reset_iommu_prepare`).
    public static final KernelVersion V7_0 = new KernelVersion(7, 0);

    /// An array of invalidations has at most 2^19 entries of at most a page each. As in 7.2;
    /// whether 7.1 has it is not known.
    public static final KernelVersion V7_2 = new KernelVersion(7, 2);

    /// The ITS's interrupt domains let MSI-X vectors come while MSI-X is on
    /// (`MSI_FLAG_PCI_MSIX_ALLOC_DYN`); each field of a guest's invalidation command is checked.
    public static final KernelVersion V7_3 = new KernelVersion(7, 3);

    /// The releases that are modelled, oldest first.
    public static final List<KernelVersion> MODELLED =
            Stream.concat(
                            IntStream.rangeClosed(V6_13.minor, V6_19.minor)
                                    .mapToObj(minor -> new KernelVersion(V6_13.major, minor)),
                            Stream.of(V7_0, V7_2, V7_3))
                    .toList();

    /// The newest modelled release that is not newer than this one, else the oldest: what is known
    /// of another holds until a release is known to have changed it.
    public KernelVersion nearestModelled() {
        return MODELLED.stream()
                .filter(this::has)
                .reduce((_, later) -> later)
                .orElse(MODELLED.getFirst());
    }

    /// Whether this release has what came with `first`.
    public boolean has(KernelVersion first) {
        return compareTo(first) >= 0;
    }

    @Override
    public int compareTo(KernelVersion o) {
        return major != o.major ? Integer.compare(major, o.major) : Integer.compare(minor, o.minor);
    }

    @Override
    public String toString() {
        return major + "." + minor;
    }
}
