package dev.belfry.host.iommufd;

import dev.belfry.host.memory.UserMemory;
import dev.belfry.host.uapi.Errno;
import dev.belfry.host.uapi.Result;

/// `IOMMU_OPTION`.
final class Options {

    private static final int RLIMIT_MODE = 0;
    private static final int HUGE_PAGES = 1;
    private static final int SW_MSI_START = 2;
    private static final int SW_MSI_SIZE = 3;
    private static final int SET = 0;
    private static final int GET = 1;

    private final ObjectTable objects;
    private final boolean window;
    private final UserMemory process;
    private long rlimitMode;

    /// @param window whether the kernel has the options of the window for doorbells
    /// @param process who asks
    Options(ObjectTable objects, boolean window, UserMemory process) {
        this.objects = objects;
        this.process = process;
        this.window = window;
    }

    Result<Long> option(int option, int op, int objectId, long value) {
        return switch (option) {
            case RLIMIT_MODE -> rlimitMode(op, objectId, value);
            case HUGE_PAGES ->
                    objects.get(objectId, Ioas.class).then(i -> hugePages(i.space(), op, value));
            case SW_MSI_START, SW_MSI_SIZE ->
                    window
                            ? objects.get(objectId, BoundDevice.class)
                                    .then(d -> swMsi(d, option == SW_MSI_START, op, value))
                            : unknown(option);
            default -> unknown(option);
        };
    }

    /// Where pinned memory is counted.
    UserMemory.Accounting accounting() {
        return rlimitMode == 0 ? UserMemory.Accounting.USER : UserMemory.Accounting.PROCESS;
    }

    private static Result<Long> unknown(int option) {
        return Result.err(Errno.EOPNOTSUPP, "unknown option " + option);
    }

    /// The window of one device, while it is not attached; the start is set before the size.
    private static Result<Long> swMsi(BoundDevice device, boolean start, int op, long value) {
        if (device.isAttached()) {
            return Result.err(Errno.EBUSY, device.device().name() + " is attached");
        }
        SwMsiWindow now = device.window();
        return switch (op) {
            case GET -> Result.ok(start ? now.start() : now.mebibytes());
            case SET ->
                    (start ? now.withStart(value) : now.withSize(value))
                            .then(w -> w.apart(device.device()))
                            .map(w -> {
                                device.setWindow(w);
                                return value;
                            });
            default -> Result.err(Errno.EOPNOTSUPP, "unknown operation");
        };
    }

    private Result<Long> rlimitMode(int op, int objectId, long value) {
        if (objectId != 0 || (op != SET && op != GET)) {
            return Result.err(Errno.EOPNOTSUPP, "RLIMIT_MODE is for the whole file");
        }
        if (op == GET) {
            return Result.ok(rlimitMode);
        }
        if (!process.limits().sysResource()) {
            return Result.err(Errno.EPERM, "RLIMIT_MODE needs CAP_SYS_RESOURCE");
        }
        if (!objects.isEmpty()) {
            return Result.err(Errno.EBUSY, "RLIMIT_MODE can be set only while no object exists");
        }
        if (value != 0 && value != 1) {
            return Result.err(Errno.EINVAL, "RLIMIT_MODE is 0 or 1");
        }
        rlimitMode = value;
        return Result.ok(value);
    }

    private static Result<Long> hugePages(IovaSpace space, int op, long value) {
        if (op == GET) {
            return Result.ok(space.hugePages() ? 1L : 0L);
        }
        if (op != SET) {
            return Result.err(Errno.EOPNOTSUPP, "unknown operation");
        }
        if (value != 0 && value != 1) {
            return Result.err(Errno.EINVAL, "HUGE_PAGES is 0 or 1");
        }
        return space.setHugePages(value == 1).map(d -> value);
    }
}
