package dev.belfry.model.journey;

/// The kinds of hop, in the order of an interrupt's way. Machines key on these names.
public enum HopKind {
    /// The message as programmed (MSI-X table entry or MSI capability), masked or not.
    MSI_ENTRY,
    /// Requester id mapped to a StreamID.
    STREAM_ID,
    /// The SMMU as a whole: enabled or not, GBPA.
    SMMU,
    /// Level-1 descriptor of a 2-level stream table, or the range check of a linear one.
    STREAM_TABLE,
    /// Stream table entry.
    STE,
    /// Level-1 context descriptor table.
    CD_TABLE,
    /// Context descriptor.
    CD,
    /// A stage-1 descriptor, with its level.
    STAGE1,
    /// A stage-2 descriptor, with its level.
    STAGE2,
    /// Which ITS or frame the address is, if any.
    DOORBELL,
    /// The eventfd that VFIO signals.
    EVENTFD,
    /// The KVM route: GSI, address, data, DeviceID.
    ROUTE,
    /// The injection into the vGIC.
    INJECT,
    /// Requester id mapped to a DeviceID.
    DEVICE_ID,
    /// The ITS as a whole: enabled, its queue.
    ITS,
    /// Device table entry.
    DTE,
    /// Interrupt translation entry.
    ITE,
    /// Collection table entry.
    CTE,
    /// vPE table entry (GICv4).
    VTE,
    /// LPI configuration and pending state.
    LPI,
    /// The redistributor that the collection names.
    REDISTRIBUTOR,
    /// A shared peripheral interrupt, of GICv2m or of a wired line.
    SPI,
    /// The CPU that takes the interrupt.
    CPU
}
