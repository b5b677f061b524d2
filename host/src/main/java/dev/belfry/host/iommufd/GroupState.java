package dev.belfry.host.iommufd;

import dev.belfry.host.iommu.IommuGroup;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;

/// What one file knows of an IOMMU group (`struct iommufd_group`): for each PASID its devices
/// follow one HWPT.
final class GroupState {

    /// The PASID of an attachment that is for all DMA without one (`IOMMU_NO_PASID`).
    static final int NO_PASID = 0;

    /// What one PASID of the group is attached to (`struct iommufd_attach`).
    static final class Attached {
        private final List<BoundDevice> devices = new ArrayList<>();
        private Hwpt hwpt;

        Attached(Hwpt hwpt) {
            this.hwpt = hwpt;
        }

        Hwpt hwpt() {
            return hwpt;
        }

        void setHwpt(Hwpt next) {
            hwpt = next;
        }

        /// Devices that were attached, each by its own call.
        List<BoundDevice> devices() {
            return devices;
        }
    }

    private final IommuGroup group;
    private final Map<Integer, Attached> attached = new TreeMap<>();
    private final BitSet requiredSwMsi = new BitSet();
    private OptionalLong swMsiStart = OptionalLong.empty();

    GroupState(IommuGroup group) {
        this.group = group;
    }

    IommuGroup group() {
        return group;
    }

    Optional<Attached> attached(int pasid) {
        return Optional.ofNullable(attached.get(pasid));
    }

    void attach(int pasid, Attached now) {
        attached.put(pasid, now);
    }

    void forget(int pasid) {
        attached.remove(pasid);
    }

    /// Devices that are attached without a PASID.
    List<BoundDevice> devices() {
        return attached(NO_PASID).map(Attached::devices).orElse(List.of());
    }

    /// What DMA without a PASID is attached to.
    Optional<Hwpt> hwpt() {
        return attached(NO_PASID).map(Attached::hwpt);
    }

    boolean hasPasids() {
        return attached.keySet().stream().anyMatch(p -> p != NO_PASID);
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
