package dev.belfry.host.iommufd;

import dev.belfry.host.iommu.IommuGroup;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/// What one file knows of an IOMMU group (`struct iommufd_group`): its devices follow one HWPT.
final class GroupState {

    private final IommuGroup group;
    private final List<BoundDevice> attached = new ArrayList<>();
    private final BitSet requiredSwMsi = new BitSet();
    private Optional<Hwpt> hwpt = Optional.empty();
    private OptionalLong swMsiStart = OptionalLong.empty();

    GroupState(IommuGroup group) {
        this.group = group;
    }

    IommuGroup group() {
        return group;
    }

    /// Devices that were attached, each by its own call.
    List<BoundDevice> attached() {
        return attached;
    }

    Optional<Hwpt> hwpt() {
        return hwpt;
    }

    void setHwpt(Optional<Hwpt> hwpt) {
        this.hwpt = hwpt;
    }

    /// Ids of the doorbell pages that its devices' messages need.
    BitSet requiredSwMsi() {
        return requiredSwMsi;
    }

    /// Where the window for doorbells begins; empty when the group has none.
    OptionalLong swMsiStart() {
        return swMsiStart;
    }

    void setSwMsiStart(OptionalLong start) {
        swMsiStart = start;
    }
}
