package dev.belfry.vmm.virt;

import dev.belfry.model.fabric.Doorbell;
import dev.belfry.model.gic.GicIdentity;
import dev.belfry.model.gic.GicV2;
import dev.belfry.model.gic.GicV3;
import dev.belfry.model.gic.InterruptController;
import dev.belfry.model.gic.Its;
import dev.belfry.model.gic.ItsIdentity;
import dev.belfry.model.journey.Probe;
import dev.belfry.model.memory.AddressMap;
import dev.belfry.model.memory.PhysicalMemory;
import dev.belfry.vmm.machine.MachineDescription;
import dev.belfry.vmm.machine.MsiController;
import dev.belfry.vmm.machine.VirtMap;
import dev.belfry.vmm.msi.KvmRoutes;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/// The VMM's own interrupt controller.
final class EmulatedIrqchip implements Irqchip {

    private final InterruptController controller;
    private final Consumer<AddressMap> placing;
    private final Runnable resetIts;
    private final List<Doorbell> doorbells;

    private EmulatedIrqchip(
            InterruptController controller,
            Consumer<AddressMap> placing,
            Runnable resetIts,
            MsiController msi) {
        this.controller = controller;
        this.placing = placing;
        this.resetIts = resetIts;
        this.doorbells = Frames.doorbells(msi);
    }

    /// As the machine describes it.
    ///
    /// @param memory where LPI and ITS tables are
    static EmulatedIrqchip of(MachineDescription machine, PhysicalMemory memory, Probe probe) {
        MsiController msi = machine.gic().msi();
        int cpus = machine.cpus().count();
        if (machine.gic().version() == 2) {
            GicV2 gic = new GicV2(new GicV2.Setup(cpus, Frames.SPIS));
            return new EmulatedIrqchip(
                    gic,
                    bus -> {
                        Frames.place(bus, gic);
                        placeMsi(bus, msi, gic, probe);
                    },
                    () -> {},
                    msi);
        }
        GicV3 gic = new GicV3(new GicV3.Setup(GicIdentity.QEMU_TCG, memory, cpus, Frames.SPIS));
        Its its = its(gic, memory, probe);
        return new EmulatedIrqchip(
                gic,
                bus -> {
                    Frames.place(bus, gic, machine.map());
                    placeMsi(bus, msi, gic, probe);
                    if (msi == MsiController.ITS) {
                        bus.addDevice("ITS", VirtMap.ITS.base().value(), its);
                    }
                },
                its::reset,
                msi);
    }

    private static Its its(GicV3 gic, PhysicalMemory memory, Probe probe) {
        return new Its(
                new Its.Setup(
                        "its",
                        VirtMap.ITS.base().value(),
                        ItsIdentity.QEMU_TCG,
                        gic,
                        VirtMap.GICR.base().value(),
                        memory,
                        probe));
    }

    private static void placeMsi(
            AddressMap bus, MsiController msi, InterruptController gic, Probe probe) {
        if (msi == MsiController.GICV2M) {
            bus.addDevice("GICv2m", VirtMap.GICV2M.base().value(), Frames.v2m(gic, probe));
        }
    }

    @Override
    public void placeInto(AddressMap bus) {
        placing.accept(bus);
    }

    @Override
    public InterruptController controller() {
        return controller;
    }

    /// Its ITS has its mappings in guest memory alone.
    @Override
    public void stopped() {}

    @Override
    public void reset() {
        controller.reset();
        resetIts.run();
    }

    @Override
    public List<Doorbell> doorbells() {
        return doorbells;
    }

    @Override
    public Optional<KvmRoutes> routes() {
        return Optional.empty();
    }
}
