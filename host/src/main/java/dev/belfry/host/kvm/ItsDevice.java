package dev.belfry.host.kvm;

import dev.belfry.host.uapi.Done;
import dev.belfry.host.uapi.Errno;
import dev.belfry.host.uapi.Result;
import dev.belfry.model.bits.Hex;
import dev.belfry.model.gic.GicV3;
import dev.belfry.model.gic.Its;
import dev.belfry.model.gic.ItsIdentity;
import dev.belfry.model.gic.TableProblem;
import dev.belfry.model.gic.spec.Gits;
import dev.belfry.model.memory.PhysicalMemory;
import java.util.Optional;

/// A `KVM_DEV_TYPE_ARM_VGIC_ITS`: its attributes, with the kernel's errno
/// (Documentation/virt/kvm/devices/arm-vgic-its.rst).
final class ItsDevice {

    private static final long SIZE_64K = 0x1_0000;
    private static final long FRAMES = 2 * SIZE_64K;
    private static final long UNSET = -1;

    private static final int GROUP_ADDR = 0;
    private static final int GROUP_CTRL = 4;
    private static final int GROUP_REGS = 8;
    private static final int ADDR_TYPE_ITS = 4;
    private static final int CTRL_INIT = 0;
    private static final int CTRL_SAVE_TABLES = 1;
    private static final int CTRL_RESTORE_TABLES = 2;
    private static final int CTRL_RESET = 4;
    private static final int FIRST_ID_REGISTER = 0xffd0;
    private static final long IIDR_REVISION = 0xf000;

    private final VgicDevices.Context context;
    private final String name;
    private long base = UNSET;
    private Optional<Its> its = Optional.empty();

    ItsDevice(VgicDevices.Context context, String name) {
        this.context = context;
        this.name = name;
    }

    /// The engine, once it is initialised.
    Optional<Its> its() {
        return its;
    }

    /// The engine at its address, once it has both.
    Optional<MsiInjector.Placed> placed() {
        return base == UNSET ? Optional.empty() : its.map(i -> new MsiInjector.Placed(base, i));
    }

    /// `KVM_SET_DEVICE_ATTR`.
    ///
    /// @param gic the vGIC, once it is initialised
    /// @param redistributors where its Redistributors are
    Result<Done> set(
            int group, long attribute, long value, Optional<GicV3> gic, long redistributors) {
        return switch (group) {
            case GROUP_ADDR ->
                    attribute == ADDR_TYPE_ITS
                            ? place(value)
                            : Result.err(Errno.ENODEV, "an ITS has no such address");
            case GROUP_CTRL ->
                    attribute == CTRL_INIT ? initialise(gic, redistributors) : control(attribute);
            case GROUP_REGS -> register(attribute).then(i -> write(i, attribute, value));
            default -> Result.err(Errno.ENXIO, "no such attribute");
        };
    }

    /// `KVM_GET_DEVICE_ATTR`.
    Result<Long> get(int group, long attribute) {
        return switch (group) {
            case GROUP_ADDR ->
                    attribute == ADDR_TYPE_ITS
                            ? Result.ok(base)
                            : Result.err(Errno.ENODEV, "an ITS has no such address");
            case GROUP_REGS ->
                    register(attribute).map(i -> i.read(attribute, wide(attribute) ? 8 : 4));
            default -> Result.err(Errno.ENXIO, "no such attribute");
        };
    }

    private Result<Done> place(long address) {
        if (base != UNSET) {
            return Result.err(Errno.EEXIST, "the ITS has its address already");
        }
        if ((address & (SIZE_64K - 1)) != 0) {
            return Result.err(Errno.EINVAL, "an ITS is 64 KiB aligned");
        }
        if (Long.compareUnsigned(address + FRAMES, 1L << context.ipaBits()) > 0) {
            return Result.err(Errno.E2BIG, "the ITS is beyond the guest's address space");
        }
        base = address;
        return Result.done();
    }

    private Result<Done> initialise(Optional<GicV3> gic, long redistributors) {
        if (gic.isEmpty()) {
            return Result.err(Errno.ENXIO, "the vGIC is not initialised");
        }
        if (its.isEmpty()) {
            long at = base == UNSET ? 0 : base;
            its =
                    Optional.of(
                            new Its(
                                    new Its.Setup(
                                            name,
                                            at,
                                            ItsIdentity.KVM,
                                            gic.get(),
                                            redistributors,
                                            context.memory(),
                                            context.probe())));
        }
        return Result.done();
    }

    private Result<Done> control(long attribute) {
        if (its.isEmpty()) {
            return Result.err(Errno.ENXIO, "the ITS is not initialised");
        }
        if (context.running().getAsBoolean()) {
            return Result.err(Errno.EBUSY, "a vCPU is running");
        }
        Its engine = its.get();
        if (attribute == CTRL_SAVE_TABLES) {
            return outcome(engine.saveTables());
        }
        if (attribute == CTRL_RESTORE_TABLES) {
            return outcome(engine.restoreTables());
        }
        if (attribute == CTRL_RESET) {
            engine.reset();
            return Result.done();
        }
        return Result.err(Errno.ENXIO, "no such attribute");
    }

    private static Result<Done> outcome(Optional<TableProblem> problem) {
        return problem.isEmpty()
                ? Result.done()
                : Result.err(errno(problem.get().kind()), problem.get().why());
    }

    private static Errno errno(TableProblem.Kind kind) {
        return switch (kind) {
            case BAD -> Errno.EINVAL;
            case DUPLICATE -> Errno.EEXIST;
            case UNREACHABLE -> Errno.EFAULT;
            case FORWARDED -> Errno.EACCES;
            case TOO_MANY -> Errno.ENOMEM;
        };
    }

    private static boolean wide(long offset) {
        return offset >= Gits.GITS_TYPER.offset() && offset < FIRST_ID_REGISTER;
    }

    /// The engine, when the register may be accessed.
    private Result<Its> register(long offset) {
        if ((offset & (wide(offset) ? 7 : 3)) != 0) {
            return Result.err(Errno.EINVAL, "a register is accessed as a whole");
        }
        Gits r = Gits.of(offset);
        if (base == UNSET || its.isEmpty() || r == Gits.RESERVED || r == Gits.GITS_TRANSLATER) {
            return Result.err(Errno.ENXIO, "no register at " + Hex.of(offset) + ", or not ready");
        }
        if (context.running().getAsBoolean()) {
            return Result.err(Errno.EBUSY, "a vCPU is running");
        }
        return Result.ok(its.get());
    }

    private static Result<Done> write(Its engine, long offset, long value) {
        if (offset == Gits.GITS_IIDR.offset() && (value & IIDR_REVISION) != 0) {
            return Result.err(Errno.EINVAL, "revision 0 is the only table layout");
        }
        if (offset == Gits.GITS_CREADR.offset()) {
            if (engine.isEnabled()) {
                return Result.err(Errno.EBUSY, "GITS_CREADR is set before the ITS is enabled");
            }
            return engine.restoreReader(value)
                    ? Result.done()
                    : Result.err(Errno.EINVAL, "GITS_CREADR is beyond the queue");
        }
        engine.write(offset, wide(offset) ? 8 : 4, value, PhysicalMemory.CPU);
        return Result.done();
    }
}
