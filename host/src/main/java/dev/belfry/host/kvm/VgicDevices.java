package dev.belfry.host.kvm;

import dev.belfry.host.uapi.Done;
import dev.belfry.host.uapi.Errno;
import dev.belfry.host.uapi.Result;
import dev.belfry.model.gic.GicIdentity;
import dev.belfry.model.gic.GicV2;
import dev.belfry.model.gic.GicV3;
import dev.belfry.model.gic.InterruptController;
import dev.belfry.model.gic.Its;
import dev.belfry.model.gic.ItsIdentity;
import dev.belfry.model.journey.Probe;
import dev.belfry.model.memory.PhysicalMemory;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The VM's in-kernel interrupt controllers, as device file descriptors with attributes.
final class VgicDevices {

    private static final long SIZE_4K = 0x1000;
    private static final int GICV2_CPUS = 8;
    private static final long SIZE_64K = 0x1_0000;
    private static final long ITS_FRAMES = 2 * SIZE_64K;
    private static final long UNSET = -1;

    private static final int GROUP_ADDR = 0;
    private static final int GROUP_NR_IRQS = 3;
    private static final int GROUP_CTRL = 4;
    private static final int CTRL_INIT = 0;
    private static final int ADDR_TYPE_V3_DIST = 2;
    private static final int ADDR_TYPE_ITS = 4;
    private static final int PRIVATE_IRQS = 32;
    private static final int DEFAULT_IRQS = 256;

    /// What the devices are made for.
    ///
    /// @param memory the guest's memory
    /// @param cpus vCPUs
    /// @param ipaBits guest-physical address bits
    /// @param gicv2Guests whether the host's GIC can be a GICv2 to guests
    /// @param probe told of what the vITS reads
    record Context(
            PhysicalMemory memory, int cpus, int ipaBits, boolean gicv2Guests, Probe probe) {}

    private static final class ItsState {
        private final int fd;
        private long base = UNSET;
        private Optional<Its> its = Optional.empty();

        ItsState(int fd) {
            this.fd = fd;
        }
    }

    private final Context context;
    private final List<ItsState> itss = new ArrayList<>();
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
        List<MsiInjector.Placed> out = new ArrayList<>();
        for (ItsState s : itss) {
            s.its.filter(i -> s.base != UNSET)
                    .ifPresent(i -> out.add(new MsiInjector.Placed(s.base, i)));
        }
        return out;
    }

    Optional<Its> its(int fd) {
        return itss.stream().filter(s -> s.fd == fd).findFirst().flatMap(s -> s.its);
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
                itss.add(new ItsState(fd));
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
        Optional<ItsState> its = itss.stream().filter(s -> s.fd == fd).findFirst();
        return its.isPresent()
                ? setIts(its.get(), group, attribute, value)
                : Result.err(Errno.EBADF, "no such device");
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

    private Result<Done> setIts(ItsState s, int group, long attribute, long value) {
        if (group == GROUP_ADDR && attribute == ADDR_TYPE_ITS) {
            return placeIts(s, value);
        }
        if (group == GROUP_CTRL && attribute == CTRL_INIT) {
            return initialiseIts(s);
        }
        return Result.err(Errno.ENXIO, "no such attribute");
    }

    private Result<Done> placeIts(ItsState s, long base) {
        if (s.base != UNSET) {
            return Result.err(Errno.EEXIST, "the ITS has its address already");
        }
        if ((base & (SIZE_64K - 1)) != 0) {
            return Result.err(Errno.EINVAL, "an ITS is 64 KiB aligned");
        }
        if (Long.compareUnsigned(base + ITS_FRAMES, 1L << context.ipaBits) > 0) {
            return Result.err(Errno.E2BIG, "the ITS is beyond the guest's address space");
        }
        s.base = base;
        return Result.done();
    }

    private Result<Done> initialiseIts(ItsState s) {
        if (gic.isEmpty()) {
            return Result.err(Errno.ENXIO, "the vGIC is not initialised");
        }
        if (s.its.isEmpty()) {
            s.its =
                    Optional.of(
                            new Its(
                                    new Its.Setup(
                                            "vits" + itss.indexOf(s),
                                            s.base == UNSET ? 0 : s.base,
                                            ItsIdentity.KVM,
                                            gic.get(),
                                            redistributors,
                                            context.memory,
                                            context.probe)));
        }
        return Result.done();
    }
}
