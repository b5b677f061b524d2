package dev.belfry.vmm.virt;

import dev.belfry.host.kvm.Injection;
import dev.belfry.host.kvm.KvmDeviceType;
import dev.belfry.host.kvm.KvmMsi;
import dev.belfry.host.kvm.KvmVm;
import dev.belfry.host.uapi.Result;
import dev.belfry.model.bits.Hex;
import dev.belfry.model.fabric.Doorbell;
import dev.belfry.model.gic.GicV2;
import dev.belfry.model.gic.GicV3;
import dev.belfry.model.gic.InterruptController;
import dev.belfry.model.gic.Its;
import dev.belfry.model.gic.spec.Gits;
import dev.belfry.model.journey.Probe;
import dev.belfry.model.memory.AddressMap;
import dev.belfry.model.memory.MmioDevice;
import dev.belfry.model.memory.PhysicalMemory;
import dev.belfry.vmm.machine.MachineDescription;
import dev.belfry.vmm.machine.MsiController;
import dev.belfry.vmm.machine.VirtMap;
import dev.belfry.vmm.msi.DirectRoutes;
import dev.belfry.vmm.msi.ItsRoutes;
import dev.belfry.vmm.msi.KvmRoutes;
import dev.belfry.vmm.refusal.RefusalLog;
import java.util.List;
import java.util.Optional;

/// KVM's vGIC and vITS. What emulated devices write to the doorbell goes in by `KVM_SIGNAL_MSI`.
final class KvmIrqchip implements Irqchip {

    private static final int GROUP_ADDR = 0;
    private static final int GROUP_NR_IRQS = 3;
    private static final int GROUP_CTRL = 4;
    private static final int CTRL_INIT = 0;
    private static final int CTRL_SAVE_TABLES = 1;
    private static final int CTRL_RESET = 4;
    private static final int ADDR_TYPE_V2_DIST = 0;
    private static final int ADDR_TYPE_V2_CPU = 1;
    private static final int ADDR_TYPE_V3_DIST = 2;
    private static final int ADDR_TYPE_V3_REDIST = 3;
    private static final int ADDR_TYPE_ITS = 4;
    private static final int PRIVATE_INTERRUPTS = 32;

    /// What it is made with.
    ///
    /// @param vm KVM's side
    /// @param machine as described
    /// @param probe told of messages to the GICv2m frame
    /// @param log where KVM's refusals go
    record Setup(KvmVm vm, MachineDescription machine, Probe probe, RefusalLog log) {}

    private final Setup setup;
    private final KvmVm vm;
    private final MachineDescription machine;
    private final InterruptController gic;
    private final Optional<VirtualIts> its;
    private final KvmRoutes routes;

    /// The ITS in the kernel, and its device's file.
    private record VirtualIts(int fd, Its registers) {}

    private KvmIrqchip(Setup setup, InterruptController gic, Optional<VirtualIts> its) {
        this.setup = setup;
        this.vm = setup.vm;
        this.machine = setup.machine;
        this.gic = gic;
        this.its = its;
        this.routes =
                its.isPresent() ? new ItsRoutes(vm, setup.log) : new DirectRoutes(vm, setup.log);
    }

    /// Creates the devices in the kernel.
    static Result<KvmIrqchip> create(Setup setup) {
        return setup.machine.gic().version() == 2 ? createV2(setup) : createV3(setup);
    }

    private static Result<KvmIrqchip> createV2(Setup s) {
        return s.vm.createDevice(KvmDeviceType.ARM_VGIC_V2)
                .then(fd -> initialiseV2(s.vm, fd))
                .map(fd -> new KvmIrqchip(s, s.vm.gicV2().orElseThrow(), Optional.empty()));
    }

    private static Result<Integer> initialiseV2(KvmVm vm, int fd) {
        return vm.setDeviceAttr(fd, GROUP_NR_IRQS, 0, Frames.SPIS + PRIVATE_INTERRUPTS)
                .then(d -> vm.setDeviceAttr(fd, GROUP_ADDR, ADDR_TYPE_V2_DIST, base(VirtMap.GICD)))
                .then(d -> vm.setDeviceAttr(fd, GROUP_ADDR, ADDR_TYPE_V2_CPU, base(VirtMap.GICC)))
                .then(d -> vm.setDeviceAttr(fd, GROUP_CTRL, CTRL_INIT, 0))
                .map(d -> fd);
    }

    private static Result<KvmIrqchip> createV3(Setup s) {
        return s.vm.createDevice(KvmDeviceType.ARM_VGIC_V3)
                .then(fd -> initialise(s.vm, fd))
                .then(fd ->
                        s.machine.gic().msi() == MsiController.ITS
                                ? s.vm.createDevice(KvmDeviceType.ARM_VGIC_ITS)
                                        .then(its -> initialiseIts(s.vm, its))
                                        .map(its -> virtualIts(s.vm, its))
                                : Result.ok(Optional.<VirtualIts>empty()))
                .map(its -> new KvmIrqchip(s, s.vm.gic().orElseThrow(), its));
    }

    private static Result<Integer> initialise(KvmVm vm, int fd) {
        return vm.setDeviceAttr(fd, GROUP_NR_IRQS, 0, Frames.SPIS + PRIVATE_INTERRUPTS)
                .then(d -> vm.setDeviceAttr(fd, GROUP_ADDR, ADDR_TYPE_V3_DIST, base(VirtMap.GICD)))
                .then(d ->
                        vm.setDeviceAttr(fd, GROUP_ADDR, ADDR_TYPE_V3_REDIST, base(VirtMap.GICR)))
                .then(d -> vm.setDeviceAttr(fd, GROUP_CTRL, CTRL_INIT, 0))
                .map(d -> fd);
    }

    private static Result<Integer> initialiseIts(KvmVm vm, int fd) {
        return vm.setDeviceAttr(fd, GROUP_ADDR, ADDR_TYPE_ITS, base(VirtMap.ITS))
                .then(d -> vm.setDeviceAttr(fd, GROUP_CTRL, CTRL_INIT, 0))
                .map(d -> fd);
    }

    private static Optional<VirtualIts> virtualIts(KvmVm vm, int fd) {
        return vm.its(fd).map(registers -> new VirtualIts(fd, registers));
    }

    private static long base(VirtMap.Region region) {
        return region.base().value();
    }

    @Override
    public void placeInto(AddressMap bus) {
        switch (gic) {
            case GicV3 v3 -> Frames.place(bus, v3, machine.map());
            case GicV2 v2 -> Frames.place(bus, v2);
            default -> throw new IllegalStateException("KVM has no such GIC");
        }
        its.ifPresent(i -> bus.addDevice("ITS", base(VirtMap.ITS), new ItsFrame(i.registers)));
        if (machine.gic().msi() == MsiController.GICV2M) {
            bus.addDevice("GICv2m", base(VirtMap.GICV2M), Frames.v2m(gic, setup.probe));
        }
    }

    @Override
    public InterruptController controller() {
        return gic;
    }

    /// As QEMU does when it stops a machine.
    @Override
    public void stopped() {
        its.ifPresent(i ->
                setup.log.passed(
                        "the ITS's tables",
                        vm.setDeviceAttr(i.fd, GROUP_CTRL, CTRL_SAVE_TABLES, 0)));
    }

    /// The GIC's registers are written one by one, the ITS has an attribute for it.
    @Override
    public void reset() {
        gic.reset();
        its.ifPresent(i ->
                setup.log.passed(
                        "resetting the ITS", vm.setDeviceAttr(i.fd, GROUP_CTRL, CTRL_RESET, 0)));
    }

    @Override
    public List<Doorbell> doorbells() {
        return Frames.doorbells(machine.gic().msi());
    }

    @Override
    public Optional<KvmRoutes> routes() {
        return Optional.of(routes);
    }

    /// The ITS's frames: registers are KVM's, a device's write to the doorbell is an MSI that the
    /// VMM signals.
    private final class ItsFrame implements MmioDevice {

        private final Its registers;

        ItsFrame(Its registers) {
            this.registers = registers;
        }

        @Override
        public long size() {
            return registers.size();
        }

        @Override
        public boolean accepts(long offset, int width) {
            return registers.accepts(offset, width);
        }

        @Override
        public long read(long offset, int width) {
            return registers.read(offset, width);
        }

        @Override
        public void write(long offset, int width, long value, int requester) {
            if (offset == Gits.GITS_TRANSLATER.offset() && PhysicalMemory.cpuOf(requester) < 0) {
                signal(
                        new KvmMsi(
                                base(VirtMap.ITS) + offset,
                                (int) value,
                                KvmMsi.VALID_DEVID,
                                requester));
            } else {
                registers.write(offset, width, value, requester);
            }
        }

        private void signal(KvmMsi message) {
            if (vm.signalMsi(message) instanceof Injection.Failed(var errno, String why)) {
                setup.log.add(
                        RefusalLog.sentence(
                                "a message of device " + Hex.of(message.deviceId()),
                                errno,
                                "KVM_SIGNAL_MSI: " + why));
            }
        }
    }
}
