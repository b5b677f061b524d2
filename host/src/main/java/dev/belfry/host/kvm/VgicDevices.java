package dev.belfry.host.kvm;

import dev.belfry.host.uapi.Done;
import dev.belfry.host.uapi.Errno;
import dev.belfry.host.uapi.Result;
import dev.belfry.model.gic.GicIdentity;
import dev.belfry.model.gic.GicV2;
import dev.belfry.model.gic.GicV3;
import dev.belfry.model.gic.InterruptController;
import dev.belfry.model.gic.Its;
import dev.belfry.model.journey.Probe;
import dev.belfry.model.memory.PhysicalMemory;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/// The VM's in-kernel interrupt controllers, as device file descriptors with attributes.
final class VgicDevices {

    private static final long SIZE_4K = 0x1000;
    private static final int GICV2_CPUS = 8;
    private static final long SIZE_64K = 0x1_0000;
    private static final long UNSET = -1;

    private static final int GROUP_ADDR = 0;
    private static final int GROUP_NR_IRQS = 3;
    private static final int GROUP_CTRL = 4;
    private static final int CTRL_INIT = 0;
    private static final int CTRL_SAVE_PENDING_TABLES = 3;
    private static final int ADDR_TYPE_V3_DIST = 2;
    private static final int PRIVATE_IRQS = 32;
    private static final int DEFAULT_IRQS = 256;

    /// What the devices are made for.
    ///
    /// @param memory the guest's memory
    /// @param cpus vCPUs
    /// @param ipaBits guest-physical address bits
    /// @param gicv2Guests whether the host's GIC can be a GICv2 to guests
    /// @param running whether a vCPU runs
    /// @param probe told of what the vITS reads
    record Context(
            PhysicalMemory memory,
            int cpus,
            int ipaBits,
            boolean gicv2Guests,
            BooleanSupplier running,
            Probe probe) {}

    private final Context context;
    private final Map<Integer, ItsDevice> itss = new LinkedHashMap<>();
    private Optional<GicV3> gic = Optional.empty();
    private Optional<GicV2> gicV2 = Optional.empty();
    private boolean version2;
    private int gicFd = (int) UNSET;
    private int irqs = DEFAULT_IRQS;
    private long redistributors;

    VgicDevices(Context context) {
        this.context = context;
    }

    Optional<GicV3> gic() {
        return gic;
    }

    Optional<GicV2> gicV2() {
        return gicV2;
    }

    /// Whichever it is.
    Optional<InterruptController> controller() {
        return gic.isPresent()
                ? gic.map(InterruptController.class::cast)
                : gicV2.map(InterruptController.class::cast);
    }

    int spis() {
        return irqs - PRIVATE_IRQS;
    }

    boolean isInitialised() {
        return controller().isPresent();
    }

    List<MsiInjector.Placed> placedItss() {
        return itss.values().stream().flatMap(i -> i.placed().stream()).toList();
    }

    Optional<Its> its(int fd) {
        return Optional.ofNullable(itss.get(fd)).flatMap(ItsDevice::its);
    }

    /// `KVM_CREATE_DEVICE`.
    Result<Integer> create(KvmDeviceType type, int fd) {
        switch (type) {
            case ARM_VGIC_V3 -> {
                if (gicFd != UNSET) {
                    return Result.err(Errno.EEXIST, "the VM has a vGIC already");
                }
                gicFd = fd;
            }
            case ARM_VGIC_ITS -> {
                if (gicFd == UNSET || version2) {
                    return Result.err(Errno.ENODEV, "an ITS needs a GICv3 first");
                }
                itss.put(fd, new ItsDevice(context, "vits" + itss.size()));
            }
            case ARM_VGIC_V2 -> {
                if (!context.gicv2Guests) {
                    return Result.err(Errno.ENODEV, "the host's GICv3 cannot be a GICv2 to guests");
                }
                if (gicFd != UNSET) {
                    return Result.err(Errno.EEXIST, "the VM has a vGIC already");
                }
                gicFd = fd;
                version2 = true;
            }
        }
        return Result.ok(fd);
    }

    /// `KVM_SET_DEVICE_ATTR`.
    Result<Done> setAttribute(int fd, int group, long attribute, long value) {
        if (fd == gicFd) {
            return setGic(group, attribute, value);
        }
        ItsDevice its = itss.get(fd);
        return its != null
                ? its.set(group, attribute, value, gic, redistributors)
                : Result.err(Errno.EBADF, "no such device");
    }

    /// `KVM_GET_DEVICE_ATTR`: of ITSs only.
    Result<Long> getAttribute(int fd, int group, long attribute) {
        ItsDevice its = itss.get(fd);
        if (its == null) {
            return fd == gicFd
                    ? Result.err(Errno.ENXIO, "no such attribute")
                    : Result.err(Errno.EBADF, "no such device");
        }
        return its.get(group, attribute);
    }

    private Result<Done> setGic(int group, long attribute, long value) {
        if (group == GROUP_NR_IRQS) {
            boolean valid = value >= 64 && value <= 1024 && (value & 31) == 0;
            if (!valid) {
                return Result.err(Errno.EINVAL, "64 to 1024 interrupts, a multiple of 32");
            }
            if (isInitialised()) {
                return Result.err(Errno.EBUSY, "the vGIC is initialised");
            }
            irqs = (int) Math.min(value, PRIVATE_IRQS + 960);
            return Result.done();
        }
        if (group == GROUP_ADDR && version2) {
            return (value & (SIZE_4K - 1)) == 0
                    ? Result.done()
                    : Result.err(Errno.EINVAL, "frames are 4 KiB aligned");
        }
        if (group == GROUP_ADDR) {
            if ((value & (SIZE_64K - 1) & ~0xfffL) != 0) {
                return Result.err(Errno.EINVAL, "frames are 64 KiB aligned");
            }
            redistributors = attribute == ADDR_TYPE_V3_DIST ? redistributors : value & -SIZE_64K;
            return Result.done();
        }
        if (group == GROUP_CTRL && attribute == CTRL_INIT) {
            return isInitialised() ? Result.done() : initialise();
        }
        if (group == GROUP_CTRL && attribute == CTRL_SAVE_PENDING_TABLES && !version2) {
            return savePendingTables();
        }
        return Result.err(Errno.ENXIO, "no such attribute");
    }

    private Result<Done> initialise() {
        if (!version2) {
            gic =
                    Optional.of(
                            new GicV3(
                                    new GicV3.Setup(
                                            GicIdentity.KVM,
                                            context.memory,
                                            context.cpus,
                                            spis())));
            return Result.done();
        }
        if (context.cpus > GICV2_CPUS) {
            return Result.err(Errno.E2BIG, "a GICv2 has at most " + GICV2_CPUS + " CPUs");
        }
        gicV2 = Optional.of(new GicV2(new GicV2.Setup(context.cpus, spis())));
        return Result.done();
    }

    private Result<Done> savePendingTables() {
        if (gic.isEmpty()) {
            return Result.err(Errno.ENXIO, "the vGIC is not initialised");
        }
        if (context.running.getAsBoolean()) {
            return Result.err(Errno.EBUSY, "a vCPU is running");
        }
        return gic.get().savePendingTables()
                ? Result.done()
                : Result.err(Errno.EFAULT, "a pending table is not in the guest's memory");
    }
}
