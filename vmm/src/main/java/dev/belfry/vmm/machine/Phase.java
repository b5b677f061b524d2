package dev.belfry.vmm.machine;

/// When QEMU meets a [Problem], in the order in which QEMU goes through a start.
public enum Phase {
    /// Options are read.
    OPTIONS,
    /// The machine is chosen and gets its properties, then the accelerator starts.
    MACHINE,
    /// `-object` and `-numa`.
    OBJECT,
    /// The board makes itself: CPUs, interrupt controller, memory, firmware.
    BOARD,
    /// A `-device` is looked up and its properties are set.
    DEVICE_ADD,
    /// The machine's hook before the device is realized.
    PRE_PLUG,
    /// The device makes itself; a PCI function takes its slot.
    REALIZE,
    /// The machine's hook after that: MMIO and interrupts are assigned.
    PLUG,
    /// A VFIO device is bound to the vSMMU, which is held against the host's.
    ATTACH,
    /// All devices are there.
    MACHINE_DONE,
    /// The guest runs.
    GUEST
}
