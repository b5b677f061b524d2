package dev.belfry.host.kvm;

import dev.belfry.host.memory.UserMemory;
import dev.belfry.host.uapi.Done;
import dev.belfry.host.uapi.Errno;
import dev.belfry.host.uapi.EventFd;
import dev.belfry.host.uapi.Ioctl;
import dev.belfry.host.uapi.IoctlFilter;
import dev.belfry.host.uapi.Result;
import dev.belfry.model.gic.GicV2;
import dev.belfry.model.gic.GicV3;
import dev.belfry.model.gic.Its;
import dev.belfry.model.journey.Probe;
import dev.belfry.model.memory.PhysicalMemory;
import java.util.List;
import java.util.Optional;

/// A virtual machine: a method an ioctl.
public final class KvmVm {

    /// What a VM is made with.
    ///
    /// @param process the VMM, whose memory the slots show
    /// @param pageSize the host kernel's page size
    /// @param cpus vCPUs
    /// @param ipaBits guest-physical address bits (`KVM_VM_TYPE_ARM_IPA_SIZE`)
    /// @param probe told of routes, injections and what the vITS reads
    /// @param filter asked before each call
    public record Setup(
            UserMemory process,
            long pageSize,
            int cpus,
            int ipaBits,
            Probe probe,
            IoctlFilter filter) {}

    /// File descriptors of devices are counted from here; the numbers mean nothing.
    private static final int FIRST_FD = 200;

    private static final int IRQFD_DEASSIGN = 1;
    private static final int IRQFD_RESAMPLE = 2;

    private final Setup setup;
    private final GuestMemory memory;
    private final VgicDevices vgic;
    private final GsiRouter router;
    private int nextFd = FIRST_FD;
    private boolean running;

    KvmVm(Setup setup, boolean gicv2Guests) {
        this.setup = setup;
        this.memory = new GuestMemory(setup.process.view());
        this.vgic =
                new VgicDevices(
                        new VgicDevices.Context(
                                memory,
                                setup.cpus,
                                setup.ipaBits,
                                gicv2Guests,
                                () -> running,
                                setup.probe));
        this.router = new GsiRouter(vgic, setup.probe);
    }

    /// Guest-physical memory, as the slots map it.
    public PhysicalMemory guestMemory() {
        return memory;
    }

    /// The in-kernel GICv3, once it is initialised: its frames are for the VMM to place.
    public Optional<GicV3> gic() {
        return vgic.gic();
    }

    /// The in-kernel GICv2, once it is initialised.
    public Optional<GicV2> gicV2() {
        return vgic.gicV2();
    }

    /// The in-kernel ITS of a device file descriptor, once it is initialised.
    public Optional<Its> its(int deviceFd) {
        return vgic.its(deviceFd);
    }

    /// The GSI routing table.
    public List<Route> routes() {
        return router.routes();
    }

    /// `KVM_SET_USER_MEMORY_REGION`.
    ///
    /// @return `EINVAL` for misaligned or moved slots, `EEXIST` when slots overlap
    public Result<Done> setUserMemoryRegion(MemorySlot slot) {
        return setup.filter.run(Ioctl.KVM_SET_USER_MEMORY_REGION, () -> setSlot(slot));
    }

    private Result<Done> setSlot(MemorySlot slot) {
        long mask = setup.pageSize - 1;
        boolean aligned = ((slot.size() | slot.gpa().value() | slot.va().value()) & mask) == 0;
        if (!aligned || slot.size() < 0) {
            return Result.err(Errno.EINVAL, "a slot is a whole number of pages");
        }
        Optional<MemorySlot> old =
                memory.slots().stream().filter(s -> s.slot() == slot.slot()).findFirst();
        if (slot.size() == 0) {
            old.ifPresent(memory::remove);
            return old.isPresent()
                    ? Result.done()
                    : Result.err(Errno.EINVAL, "slot " + slot.slot() + " does not exist");
        }
        if (old.isPresent()) {
            return Result.err(Errno.EINVAL, "slot " + slot.slot() + " exists; delete it first");
        }
        if (memory.slots().stream().anyMatch(slot::overlaps)) {
            return Result.err(Errno.EEXIST, "the guest has memory there already");
        }
        memory.put(slot);
        return Result.done();
    }

    /// `KVM_CREATE_DEVICE`.
    ///
    /// @return the device's file descriptor; `EEXIST` for a second vGIC, `ENODEV` for what this
    ///   host cannot do
    public Result<Integer> createDevice(KvmDeviceType type) {
        return setup.filter.run(Ioctl.KVM_CREATE_DEVICE, () -> vgic.create(type, nextFd++));
    }

    /// Whether a vCPU is in `KVM_RUN`: then an ITS's tables and registers cannot be accessed.
    public void setRunning(boolean now) {
        running = now;
    }

    /// How the irqfds' signals went in.
    public IrqfdCounts irqfdCounts() {
        return router.counts();
    }

    /// `KVM_SET_DEVICE_ATTR`: group 0 addresses, 3 number of interrupts, 4 control (0 initialises,
    /// an ITS: 1 saves its tables, 2 restores them, 4 resets; a GICv3: 3 saves pending tables), 8
    /// registers of an ITS by offset.
    ///
    /// @return besides what each attribute's kernel documentation says, `EBUSY` while a vCPU runs
    public Result<Done> setDeviceAttr(int deviceFd, int group, long attribute, long value) {
        return setup.filter.run(
                Ioctl.KVM_SET_DEVICE_ATTR,
                () -> {
                    boolean before = vgic.isInitialised();
                    Result<Done> done = vgic.setAttribute(deviceFd, group, attribute, value);
                    if (!before && vgic.isInitialised()) {
                        router.routeSpis(vgic.spis());
                        vgic.controller().ifPresent(c -> c.onEnd(router::ended));
                    }
                    return done;
                });
    }

    /// `KVM_GET_DEVICE_ATTR` of an ITS: group 0 its address, 8 its registers by offset.
    public Result<Long> getDeviceAttr(int deviceFd, int group, long attribute) {
        return setup.filter.run(
                Ioctl.KVM_GET_DEVICE_ATTR, () -> vgic.getAttribute(deviceFd, group, attribute));
    }

    /// `KVM_SET_GSI_ROUTING`: replaces the whole table.
    ///
    /// @return `EINVAL` for a GSI or a pin beyond the last, two routes where one is a message, or
    ///   unknown flags; the old table stays then
    public Result<Done> setGsiRouting(List<Route> table) {
        return setup.filter.run(Ioctl.KVM_SET_GSI_ROUTING, () -> router.setRouting(table));
    }

    /// `KVM_IRQFD`.
    ///
    /// @param flags 1 deassign
    /// @return `EBUSY` when the eventfd has an irqfd, `EAGAIN` before the vGIC is initialised
    public Result<Done> irqfd(EventFd fd, int gsi, int flags) {
        return irqfd(fd, gsi, flags, Optional.empty());
    }

    /// As [#irqfd(EventFd, int, int)]; with flag 2 the GSI's line stays up until the guest is done
    /// with the interrupt, and `resample` is signalled then.
    ///
    /// @return besides, `EBADF` when the flag is given and no open `resample`
    public Result<Done> irqfd(EventFd fd, int gsi, int flags, Optional<EventFd> resample) {
        return setup.filter.run(
                Ioctl.KVM_IRQFD,
                () -> {
                    if ((flags & ~(IRQFD_DEASSIGN | IRQFD_RESAMPLE)) != 0) {
                        return Result.err(Errno.EINVAL, "unknown flags");
                    }
                    if ((flags & IRQFD_DEASSIGN) != 0) {
                        router.deassign(fd, gsi);
                        return Result.done();
                    }
                    if (!vgic.isInitialised()) {
                        return Result.err(Errno.EAGAIN, "the vGIC is not initialised");
                    }
                    boolean level = (flags & IRQFD_RESAMPLE) != 0;
                    return level && resample.isEmpty()
                            ? Result.err(Errno.EBADF, "no eventfd to resample by")
                            : router.assign(fd, gsi, level ? resample : Optional.empty());
                });
    }

    /// What VFIO's irq-bypass producer does on a host with GICv4: the irqfd's interrupt goes to the
    /// guest directly from now on, or no longer does. What no vITS maps goes on through software.
    public void setForwarding(EventFd fd, boolean now) {
        router.setForwarding(fd, now);
    }

    /// `KVM_SIGNAL_MSI`.
    ///
    /// @return what came of it; its value is the system call's
    public Injection signalMsi(KvmMsi msi) {
        Optional<Errno> failure = setup.filter.failure(Ioctl.KVM_SIGNAL_MSI);
        if (failure.isPresent()) {
            return new Injection.Failed(failure.get(), "made to fail");
        }
        if (!vgic.isInitialised()) {
            return new Injection.Failed(Errno.EINVAL, "the VM has no vGIC");
        }
        return (msi.flags() & ~KvmMsi.VALID_DEVID) != 0
                ? new Injection.Failed(Errno.EINVAL, "unknown MSI flags")
                : router.inject(msi);
    }

    /// `KVM_IRQ_LINE` of an SPI.
    ///
    /// @param spi counted from 0: INTID - 32
    /// @return `ENXIO` without a vGIC, `EINVAL` beyond its interrupts
    public Result<Done> irqLine(int spi, boolean level) {
        return setup.filter.run(
                Ioctl.KVM_IRQ_LINE,
                () -> {
                    if (!vgic.isInitialised()) {
                        return Result.err(Errno.ENXIO, "the VM has no vGIC");
                    }
                    if (spi < 0 || spi >= vgic.spis()) {
                        return Result.err(Errno.EINVAL, "the vGIC has no such SPI");
                    }
                    router.setLine(new Route.Irqchip(spi, spi), level);
                    return Result.done();
                });
    }
}
