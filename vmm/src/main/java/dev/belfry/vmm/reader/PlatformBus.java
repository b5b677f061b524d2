package dev.belfry.vmm.reader;

import dev.belfry.vmm.cmdline.Position;
import dev.belfry.vmm.machine.OnOffAuto;
import dev.belfry.vmm.machine.Phase;
import dev.belfry.vmm.machine.PlatformRoom;
import dev.belfry.vmm.machine.Problem;
import dev.belfry.vmm.machine.Problems;
import dev.belfry.vmm.machine.SmmuInstance;
import dev.belfry.vmm.machine.VirtMap;
import java.util.List;
import java.util.Optional;

/// The platform bus: 32 MiB of MMIO and 64 interrupts for devices that are added with `-device`.
final class PlatformBus {

    /// Where a device was put.
    ///
    /// @param mmio guest-physical address
    /// @param firstSpi number of its first SPI, or -1 when the bus was full
    record Place(long mmio, int firstSpi) {}

    private static final int IRQS_OF_SMMU = 4;
    private static final long TPM_SIZE = 0x5000;

    private final Problems problems;
    private long nextMmio;
    private int nextIrq;
    private Optional<VirtMap.Region> tpm = Optional.empty();

    PlatformBus(Problems problems) {
        this.problems = problems;
    }

    Place smmu(DeviceDraft device) {
        return place(device, SmmuInstance.MMIO_SIZE, IRQS_OF_SMMU);
    }

    /// Once all devices are there, command queues that were asked for are linked: those of
    /// `cmdqv=auto` have to wait for a host.
    void link(List<SmmuInstance> smmus) {
        List<SmmuInstance> asking =
                smmus.stream().filter(s -> s.accel() && s.cmdqv() == OnOffAuto.ON).toList();
        int places = room().cmdqvs(asking.size()).size();
        if (places < asking.size()) {
            full(
                    Problems.AFTER_DEVICES,
                    asking.get(places).at(),
                    "use at most 12 arm-smmuv3 devices with cmdqv=on");
        }
    }

    /// Only the TPM takes room; ramfb and the UEFI variable store have none here.
    void other(DeviceDraft device) {
        if (device.driver().equals("tpm-tis-device")) {
            Place place = place(device, TPM_SIZE, 1);
            tpm = tpm.or(() -> Optional.of(VirtMap.Region.of(place.mmio(), TPM_SIZE)));
        }
    }

    /// What is left.
    PlatformRoom room() {
        return new PlatformRoom(nextMmio, nextIrq, tpm);
    }

    /// QEMU takes the first gap that is aligned to the size, rounded up to a power of two. As
    /// nothing is ever removed before the machine starts, and a TPM's gap is smaller than an SMMU,
    /// the next aligned address is that gap.
    private Place place(DeviceDraft device, long size, int irqs) {
        long alignment = PlatformRoom.alignment(size);
        long offset = (nextMmio + alignment - 1) & -alignment;
        if (nextIrq + irqs > PlatformRoom.IRQS || offset + size > VirtMap.PLATFORM_BUS.size()) {
            full(device.order(), device.at(), "use at most 16 arm-smmuv3 devices");
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

    private void full(int order, Position at, String fix) {
        problems.add(
                order,
                Problem.error(
                                "PLATFORM-BUS-FULL",
                                Phase.PLUG,
                                at,
                                "Platform Bus: Can not fit IRQ line")
                        .because(
                                "the platform bus has 64 interrupts and an SMMU takes 4 of them,"
                                        + " with a CMDQV 5",
                                "QEMU hw/core/platform-bus.c")
                        .fix(fix));
    }
}
