package dev.belfry.vmm.machine;

/// The platform bus: 32 MiB of MMIO and 64 interrupts for devices that are added with `-device`.
final class PlatformBus {

    /// Where a device was put.
    ///
    /// @param mmio guest-physical address
    /// @param firstSpi number of its first SPI, or -1 when the bus was full
    record Place(long mmio, int firstSpi) {}

    private static final int IRQS = 64;
    private static final int IRQS_OF_SMMU = 4;
    private static final long CMDQV_SIZE = 0x50000;
    private static final long TPM_SIZE = 0x5000;

    private final Problems problems;
    private long nextMmio;
    private int nextIrq;

    PlatformBus(Problems problems) {
        this.problems = problems;
    }

    /// @param cmdqv whether it has Tegra241 command queues, which take a region and an interrupt
    Place smmu(DeviceDraft device, boolean cmdqv) {
        Place place = place(device, SmmuInstance.MMIO_SIZE, IRQS_OF_SMMU);
        if (cmdqv && place.firstSpi() >= 0) {
            place(device, CMDQV_SIZE, 1);
        }
        return place;
    }

    /// Only the TPM takes room; ramfb and the UEFI variable store have none here.
    void other(DeviceDraft device) {
        if (device.driver().equals("tpm-tis-device")) {
            place(device, TPM_SIZE, 1);
        }
    }

    /// QEMU takes the first gap that is aligned to the size, rounded up to a power of two. As
    /// nothing is ever removed before the machine starts, and a TPM's gap is smaller than an SMMU,
    /// the next aligned address is that gap.
    private Place place(DeviceDraft device, long size, int irqs) {
        long alignment = Long.highestOneBit(2 * size - 1);
        long offset = (nextMmio + alignment - 1) & -alignment;
        if (nextIrq + irqs > IRQS || offset + size > VirtMap.PLATFORM_BUS.size()) {
            problems.add(
                    device.order(),
                    Problem.error(
                                    "PLATFORM-BUS-FULL",
                                    Phase.PLUG,
                                    device.at(),
                                    "Platform Bus: Can not fit IRQ line")
                            .because(
                                    "the platform bus has 64 interrupts and an SMMU takes 4 of"
                                            + " them",
                                    "QEMU hw/core/platform-bus.c")
                            .fix("use at most 16 arm-smmuv3 devices"));
            return new Place(VirtMap.PLATFORM_BUS.base().value() + offset, -1);
        }
        Place place =
                new Place(
                        VirtMap.PLATFORM_BUS.base().value() + offset,
                        VirtMap.SPI_PLATFORM_BUS + nextIrq);
        nextMmio = offset + size;
        nextIrq += irqs;
        return place;
    }
}
