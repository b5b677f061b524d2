package dev.belfry.host.uapi;

/// The system calls that the host answers, by their kernel names, with their request numbers.
public enum Ioctl {
    IOMMU_DESTROY(0x3b80),
    IOMMU_IOAS_ALLOC(0x3b81),
    IOMMU_IOAS_ALLOW_IOVAS(0x3b82),
    IOMMU_IOAS_COPY(0x3b83),
    IOMMU_IOAS_IOVA_RANGES(0x3b84),
    IOMMU_IOAS_MAP(0x3b85),
    IOMMU_IOAS_UNMAP(0x3b86),
    IOMMU_OPTION(0x3b87),
    IOMMU_VFIO_IOAS(0x3b88),
    IOMMU_HWPT_ALLOC(0x3b89),
    IOMMU_GET_HW_INFO(0x3b8a),
    IOMMU_HWPT_SET_DIRTY_TRACKING(0x3b8b),
    IOMMU_HWPT_GET_DIRTY_BITMAP(0x3b8c),
    IOMMU_HWPT_INVALIDATE(0x3b8d),
    IOMMU_FAULT_QUEUE_ALLOC(0x3b8e),
    IOMMU_IOAS_MAP_FILE(0x3b8f),
    IOMMU_VIOMMU_ALLOC(0x3b90),
    IOMMU_VDEVICE_ALLOC(0x3b91),
    IOMMU_IOAS_CHANGE_PROCESS(0x3b92),
    IOMMU_VEVENTQ_ALLOC(0x3b93),
    IOMMU_HW_QUEUE_ALLOC(0x3b94),
    /// Not Linux's: the threads of RFCv1 (November 2024) ask for such a call (`MAP_MSI`,
    /// `map_msi_window`), but no posting defines it or numbers it. The number here is the one after
    /// the last that Linux uses; a later Linux may give it to something else.
    IOMMU_MAP_MSI(0x3b95),
    VFIO_DEVICE_GET_INFO(0x3b6b),
    VFIO_DEVICE_GET_REGION_INFO(0x3b6c),
    VFIO_DEVICE_GET_IRQ_INFO(0x3b6d),
    VFIO_DEVICE_SET_IRQS(0x3b6e),
    VFIO_DEVICE_RESET(0x3b6f),
    VFIO_DEVICE_FEATURE(0x3b75),
    VFIO_DEVICE_BIND_IOMMUFD(0x3b76),
    VFIO_DEVICE_ATTACH_IOMMUFD_PT(0x3b77),
    VFIO_DEVICE_DETACH_IOMMUFD_PT(0x3b78),
    KVM_CREATE_VM(0xae01),
    KVM_SET_USER_MEMORY_REGION(0x4020ae46),
    KVM_IRQ_LINE(0x4008ae61),
    KVM_SET_GSI_ROUTING(0x4008ae6a),
    KVM_IRQFD(0x4020ae76),
    KVM_SIGNAL_MSI(0x4020aea5),
    KVM_CREATE_DEVICE(0xc00caee0),
    KVM_SET_DEVICE_ATTR(0x4018aee1),
    KVM_GET_DEVICE_ATTR(0x4018aee2);

    private final int request;

    Ioctl(int request) {
        this.request = request;
    }

    /// The request number that user space passes to `ioctl(2)`.
    public int request() {
        return request;
    }
}
