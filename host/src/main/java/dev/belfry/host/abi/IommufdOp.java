package dev.belfry.host.abi;

import dev.belfry.host.uapi.Ioctl;
import dev.belfry.host.uapi.KernelVersion;
import java.util.Arrays;
import java.util.Optional;

/// The table of an iommufd's ioctls (`iommufd_ioctl_ops`): number, structure, and how much of it
/// user space must give.
enum IommufdOp {
    DESTROY(Ioctl.IOMMU_DESTROY, AbiStruct.IOMMU_DESTROY, "id"),
    IOAS_ALLOC(Ioctl.IOMMU_IOAS_ALLOC, AbiStruct.IOMMU_IOAS_ALLOC, "out_ioas_id"),
    IOAS_ALLOW_IOVAS(
            Ioctl.IOMMU_IOAS_ALLOW_IOVAS, AbiStruct.IOMMU_IOAS_ALLOW_IOVAS, "allowed_iovas"),
    IOAS_COPY(Ioctl.IOMMU_IOAS_COPY, AbiStruct.IOMMU_IOAS_COPY, "src_iova"),
    IOAS_IOVA_RANGES(
            Ioctl.IOMMU_IOAS_IOVA_RANGES, AbiStruct.IOMMU_IOAS_IOVA_RANGES, "out_iova_alignment"),
    IOAS_MAP(Ioctl.IOMMU_IOAS_MAP, AbiStruct.IOMMU_IOAS_MAP, "iova"),
    IOAS_MAP_FILE(Ioctl.IOMMU_IOAS_MAP_FILE, AbiStruct.IOMMU_IOAS_MAP_FILE, "iova"),
    IOAS_UNMAP(Ioctl.IOMMU_IOAS_UNMAP, AbiStruct.IOMMU_IOAS_UNMAP, "length"),
    OPTION(Ioctl.IOMMU_OPTION, AbiStruct.IOMMU_OPTION, "val64"),
    VFIO_IOAS(Ioctl.IOMMU_VFIO_IOAS, AbiStruct.IOMMU_VFIO_IOAS, "__reserved"),
    HWPT_ALLOC(Ioctl.IOMMU_HWPT_ALLOC, AbiStruct.IOMMU_HWPT_ALLOC, "__reserved"),
    GET_HW_INFO(Ioctl.IOMMU_GET_HW_INFO, AbiStruct.IOMMU_HW_INFO, "__reserved"),
    HWPT_SET_DIRTY_TRACKING(
            Ioctl.IOMMU_HWPT_SET_DIRTY_TRACKING,
            AbiStruct.IOMMU_HWPT_SET_DIRTY_TRACKING,
            "__reserved"),
    HWPT_GET_DIRTY_BITMAP(
            Ioctl.IOMMU_HWPT_GET_DIRTY_BITMAP, AbiStruct.IOMMU_HWPT_GET_DIRTY_BITMAP, "data"),
    HWPT_INVALIDATE(Ioctl.IOMMU_HWPT_INVALIDATE, AbiStruct.IOMMU_HWPT_INVALIDATE, "__reserved"),
    FAULT_QUEUE_ALLOC(Ioctl.IOMMU_FAULT_QUEUE_ALLOC, AbiStruct.IOMMU_FAULT_ALLOC, "out_fault_fd"),
    VIOMMU_ALLOC(Ioctl.IOMMU_VIOMMU_ALLOC, AbiStruct.IOMMU_VIOMMU_ALLOC, "out_viommu_id"),
    VDEVICE_ALLOC(Ioctl.IOMMU_VDEVICE_ALLOC, AbiStruct.IOMMU_VDEVICE_ALLOC, "virt_id"),
    IOAS_CHANGE_PROCESS(
            Ioctl.IOMMU_IOAS_CHANGE_PROCESS, AbiStruct.IOMMU_IOAS_CHANGE_PROCESS, "__reserved"),
    VEVENTQ_ALLOC(Ioctl.IOMMU_VEVENTQ_ALLOC, AbiStruct.IOMMU_VEVENTQ_ALLOC, "out_veventq_fd"),
    HW_QUEUE_ALLOC(Ioctl.IOMMU_HW_QUEUE_ALLOC, AbiStruct.IOMMU_HW_QUEUE_ALLOC, "length");

    private final Ioctl ioctl;
    private final AbiStruct struct;
    private final int minSize;

    IommufdOp(Ioctl ioctl, AbiStruct struct, String last) {
        this.ioctl = ioctl;
        this.struct = struct;
        this.minSize = struct.slot(last).end();
    }

    /// The call of that number, if a release has it.
    static Optional<IommufdOp> of(int request, KernelVersion version) {
        return Arrays.stream(values())
                .filter(o -> o.ioctl.request() == request && version.has(o.since()))
                .findFirst();
    }

    private KernelVersion since() {
        return switch (this) {
            case IOAS_CHANGE_PROCESS -> KernelVersion.V6_14;
            case VEVENTQ_ALLOC -> KernelVersion.V6_15;
            case HW_QUEUE_ALLOC -> KernelVersion.V6_17;
            default -> KernelVersion.V6_13;
        };
    }

    AbiStruct struct() {
        return struct;
    }

    int minSize() {
        return minSize;
    }

    /// How much of the structure a release knows: vIOMMUs have had data since 6.17.
    int knownSize(KernelVersion version) {
        return this == VIOMMU_ALLOC && !version.has(KernelVersion.V6_17) ? minSize : struct.size();
    }
}
