package dev.belfry.vmm.machine;

/// The IOMMU that the machine itself has, beside `-device arm-smmuv3`.
public enum MachineIommu {
    NONE,
    /// `-machine iommu=smmuv3`: one emulated SMMU for all host bridges without bypass.
    SMMUV3,
    /// `-device virtio-iommu-pci`.
    VIRTIO
}
