package dev.belfry.vmm.virt;

import dev.belfry.model.fabric.Doorbell;
import dev.belfry.model.gic.GicV2;
import dev.belfry.model.gic.GicV2m;
import dev.belfry.model.gic.GicV3;
import dev.belfry.model.gic.InterruptController;
import dev.belfry.model.gic.spec.MsiTyper;
import dev.belfry.model.journey.Probe;
import dev.belfry.model.memory.AddressMap;
import dev.belfry.vmm.machine.MsiController;
import dev.belfry.vmm.machine.VirtMap;
import java.util.List;

/// Where virt places an interrupt controller's frames.
final class Frames {

    /// SPIs of virt.
    static final int SPIS = 256;

    private static final int PRIVATE_INTERRUPTS = 32;
    private static final int V2M_SPIS = 64;

    private Frames() {}

    static void place(AddressMap bus, GicV3 gic, VirtMap map) {
        bus.addDevice("GICD", VirtMap.GICD.base().value(), gic.distributor());
        int low = Math.min(gic.cpus(), VirtMap.LOW_REDISTRIBUTORS);
        bus.addDevice("GICR", VirtMap.GICR.base().value(), gic.redistributors(0, low));
        if (gic.cpus() > low) {
            map.redist2()
                    .ifPresent(r ->
                            bus.addDevice(
                                    "GICR, second region",
                                    r.base().value(),
                                    gic.redistributors(low, gic.cpus() - low)));
        }
    }

    static void place(AddressMap bus, GicV2 gic) {
        bus.addDevice("GICD", VirtMap.GICD.base().value(), gic.distributor());
        bus.addDevice("GICC", VirtMap.GICC.base().value(), gic.cpuInterfaces());
    }

    static GicV2m v2m(InterruptController gic, Probe probe) {
        return new GicV2m(
                new GicV2m.Setup(
                        "v2m",
                        VirtMap.GICV2M.base().value(),
                        MsiTyper.of(VirtMap.SPI_GICV2M + PRIVATE_INTERRUPTS, V2M_SPIS),
                        GicV2m.QEMU_IIDR,
                        gic,
                        probe));
    }

    static List<Doorbell> doorbells(MsiController msi) {
        return switch (msi) {
            case ITS ->
                    List.of(
                            new Doorbell(
                                    "GITS_TRANSLATER",
                                    VirtMap.ITS.base().value(),
                                    VirtMap.ITS.size(),
                                    msi.doorbell().value()));
            case GICV2M ->
                    List.of(
                            new Doorbell(
                                    "MSI_SETSPI_NS of GICv2m",
                                    VirtMap.GICV2M.base().value(),
                                    VirtMap.GICV2M.size(),
                                    msi.doorbell().value()));
            case NONE -> List.of();
        };
    }
}
