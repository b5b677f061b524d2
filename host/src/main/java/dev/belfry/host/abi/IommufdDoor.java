package dev.belfry.host.abi;

import dev.belfry.host.iommufd.AllocatedViommu;
import dev.belfry.host.iommufd.HwptAlloc;
import dev.belfry.host.iommufd.HwptData;
import dev.belfry.host.iommufd.Iommufd;
import dev.belfry.host.memory.UserVa;
import dev.belfry.host.uapi.Errno;
import dev.belfry.host.uapi.KernelVersion;
import dev.belfry.host.uapi.Result;
import dev.belfry.model.address.Iova;
import dev.belfry.model.journey.Bytes;
import java.util.Arrays;
import java.util.Optional;

/// The ioctls of an iommufd as bytes (`iommufd_fops_ioctl`): number, size, then the structure.
///
/// Order of checks: an unknown number `ENOTTY`, the size that cannot be read `EFAULT`, too small
/// `EINVAL`, too large with something in the rest `E2BIG`, then reserved fields `EOPNOTSUPP` and
/// what each call checks.
final class IommufdDoor {

    /// A call in progress.
    ///
    /// @param arg where the structure lies
    /// @param at its address there
    /// @param userSize as user space says
    /// @param cmd the kernel's copy
    record Call(UserBytes arg, long at, int userSize, StructBytes cmd) {

        /// `iommufd_ucmd_respond`.
        boolean respond() {
            byte[] all = cmd.bytes();
            int n = Integer.compareUnsigned(userSize, all.length) < 0 ? userSize : all.length;
            return arg.write(at, Arrays.copyOf(all, n));
        }

        /// Writes back, or undoes what was done.
        Answer respondOr(Runnable undo) {
            if (respond()) {
                return Answer.ZERO;
            }
            undo.run();
            return Answer.fault();
        }

        boolean reserved(String field) {
            return cmd.get(field) != 0;
        }
    }

    static final Answer RESERVED = Answer.err(Errno.EOPNOTSUPP, "a reserved field is not 0");

    private static final int VIOMMU_TEGRA241_CMDQV = 2;

    /// No buffer of a driver is longer; a longer one is refused as if its tail were not zero.
    private static final int MAX_DATA = 1 << 16;

    private final Iommufd fd;
    private final KernelVersion version;
    private final UserBytes memory;
    private final OpenFiles files;
    private final IommufdArrays arrays;

    IommufdDoor(Iommufd fd, KernelVersion version, UserBytes memory, OpenFiles files) {
        this.fd = fd;
        this.version = version;
        this.memory = memory;
        this.files = files;
        this.arrays = new IommufdArrays(fd, memory);
    }

    Answer ioctl(int request, UserBytes arg, long at) {
        Optional<IommufdOp> op = IommufdOp.of(request, version);
        if (op.isEmpty()) {
            return Answer.err(Errno.ENOTTY, "Linux " + version + " does not know the number");
        }
        Optional<byte[]> first = arg.read(at, 4);
        if (first.isEmpty()) {
            return Answer.fault();
        }
        int userSize = (int) StructReader.value(first.get(), 0, 4);
        int known = op.get().knownSize(version);
        if (Integer.compareUnsigned(userSize, op.get().minSize()) < 0) {
            return Answer.err(
                    Errno.EINVAL, "size is less than the " + op.get().minSize() + " of this call");
        }
        Result<byte[]> copied = StructReader.copy(arg, at, userSize, known);
        if (!(copied instanceof Result.Ok<byte[]>(byte[] bytes))) {
            return Answer.of(copied);
        }
        StructBytes cmd = StructBytes.from(op.get().struct(), bytes);
        return run(op.get(), new Call(arg, at, userSize, cmd));
    }

    private Answer run(IommufdOp op, Call c) {
        return switch (op) {
            case DESTROY -> Answer.of(fd.destroy(c.cmd.getInt("id")));
            case IOAS_ALLOC -> ioasAlloc(c);
            case IOAS_ALLOW_IOVAS -> c.reserved("__reserved") ? RESERVED : arrays.allowIovas(c);
            case IOAS_COPY -> ioasCopy(c);
            case IOAS_IOVA_RANGES -> c.reserved("__reserved") ? RESERVED : arrays.iovaRanges(c);
            case IOAS_MAP -> c.reserved("__reserved") ? RESERVED : ioasMap(c);
            case IOAS_MAP_FILE -> ioasMapFile(c);
            case IOAS_UNMAP -> ioasUnmap(c);
            case OPTION -> c.reserved("__reserved") ? RESERVED : option(c);
            case VFIO_IOAS -> c.reserved("__reserved") ? RESERVED : vfioIoas(c);
            case HWPT_ALLOC -> c.reserved("__reserved") ? RESERVED : hwptAlloc(c);
            case GET_HW_INFO -> c.reserved("__reserved") ? RESERVED : arrays.hwInfo(c);
            case HWPT_SET_DIRTY_TRACKING -> setDirtyTracking(c);
            case HWPT_GET_DIRTY_BITMAP ->
                    c.reserved("__reserved") ? RESERVED : arrays.dirtyBitmap(c);
            case HWPT_INVALIDATE -> arrays.invalidate(c);
            case FAULT_QUEUE_ALLOC -> faultQueueAlloc(c);
            case VIOMMU_ALLOC -> viommuAlloc(c);
            case VDEVICE_ALLOC -> vdeviceAlloc(c);
            case IOAS_CHANGE_PROCESS ->
                    c.reserved("__reserved") ? RESERVED : Answer.of(fd.ioasChangeProcess());
            case VEVENTQ_ALLOC -> c.reserved("__reserved") ? RESERVED : veventqAlloc(c);
            case HW_QUEUE_ALLOC -> hwQueueAlloc(c);
        };
    }

    /// An object's id goes back, or the object goes.
    private Answer allocated(Call c, Result<Integer> made, String field) {
        if (!(made instanceof Result.Ok<Integer>(Integer id))) {
            return Answer.of(made);
        }
        c.cmd.set(field, id);
        return c.respondOr(() -> fd.destroy(id));
    }

    private Answer ioasAlloc(Call c) {
        return allocated(c, fd.ioasAlloc(c.cmd.getInt("flags")), "out_ioas_id");
    }

    private Answer mapped(Call c, Result<Iova> where, String field) {
        if (!(where instanceof Result.Ok<Iova>(Iova iova))) {
            return Answer.of(where);
        }
        c.cmd.set(field, iova.value());
        return c.respondOr(() -> {});
    }

    private Answer ioasMap(Call c) {
        return mapped(
                c,
                fd.ioasMap(
                        c.cmd.getInt("ioas_id"),
                        c.cmd.getInt("flags"),
                        new UserVa(c.cmd.get("user_va")),
                        c.cmd.get("length"),
                        new Iova(c.cmd.get("iova"))),
                "iova");
    }

    private Answer ioasMapFile(Call c) {
        return mapped(
                c,
                fd.ioasMapFile(
                        c.cmd.getInt("ioas_id"),
                        c.cmd.getInt("flags"),
                        files.memFile(c.cmd.getInt("fd")),
                        c.cmd.get("start"),
                        c.cmd.get("length"),
                        new Iova(c.cmd.get("iova"))),
                "iova");
    }

    private Answer ioasCopy(Call c) {
        return mapped(
                c,
                fd.ioasCopy(
                        c.cmd.getInt("dst_ioas_id"),
                        c.cmd.getInt("src_ioas_id"),
                        c.cmd.getInt("flags"),
                        c.cmd.get("length"),
                        new Iova(c.cmd.get("dst_iova")),
                        new Iova(c.cmd.get("src_iova"))),
                "dst_iova");
    }

    private Answer ioasUnmap(Call c) {
        Result<Long> bytes =
                fd.ioasUnmap(
                        c.cmd.getInt("ioas_id"), new Iova(c.cmd.get("iova")), c.cmd.get("length"));
        if (!(bytes instanceof Result.Ok<Long>(Long n))) {
            return Answer.of(bytes);
        }
        c.cmd.set("length", n);
        return c.respondOr(() -> {});
    }

    /// Only `val64` is written back.
    private Answer option(Call c) {
        Result<Long> value =
                fd.option(
                        c.cmd.getInt("option_id"),
                        c.cmd.getInt("op"),
                        c.cmd.getInt("object_id"),
                        c.cmd.get("val64"));
        if (!(value instanceof Result.Ok<Long>(Long v))) {
            return Answer.of(value);
        }
        int offset = AbiStruct.IOMMU_OPTION.slot("val64").offset();
        return c.arg.write(c.at + offset, Bytes.ofWords(v).toArray())
                ? Answer.ZERO
                : Answer.fault();
    }

    private Answer vfioIoas(Call c) {
        int op = c.cmd.getInt("op");
        Result<Integer> id = fd.vfioIoas(op, c.cmd.getInt("ioas_id"));
        if (op != 0 || !(id instanceof Result.Ok<Integer>(Integer ioas))) {
            return Answer.of(id);
        }
        c.cmd.set("ioas_id", ioas);
        return c.respondOr(() -> {});
    }

    private Answer hwptAlloc(Call c) {
        int length = c.cmd.getInt("data_len");
        HwptData data =
                new HwptData(
                        c.cmd.getInt("data_type"), length, data(c.cmd.get("data_uptr"), length));
        return allocated(
                c,
                fd.hwptAlloc(
                        new HwptAlloc(
                                c.cmd.getInt("flags"),
                                c.cmd.getInt("dev_id"),
                                c.cmd.getInt("pt_id"),
                                data,
                                c.cmd.getInt("fault_id"))),
                "out_hwpt_id");
    }

    private Optional<Bytes> data(long address, int length) {
        int n = Integer.compareUnsigned(length, MAX_DATA) > 0 ? MAX_DATA : length;
        Optional<Bytes> read = memory.read(address, n).map(Bytes::of);
        boolean cut = n != length;
        return cut ? read.map(b -> Bytes.ofWords(-1L, -1L, -1L, -1L)) : read;
    }

    private Answer setDirtyTracking(Call c) {
        return Answer.of(fd.hwptSetDirtyTracking(c.cmd.getInt("flags"), c.cmd.getInt("hwpt_id")));
    }

    private Answer faultQueueAlloc(Call c) {
        var made = fd.faultQueueAlloc(c.cmd.getInt("flags"));
        if (!made.isOk()) {
            return Answer.of(made);
        }
        var queue = made.orThrow();
        int descriptor = files.add(new OpenFiles.Faults(queue));
        c.cmd.set("out_fault_id", queue.objectId()).set("out_fault_fd", descriptor);
        return c.respondOr(() -> {
            files.close(descriptor);
            fd.destroy(queue.objectId());
        });
    }

    private Answer viommuAlloc(Call c) {
        // Only this type's driver looks at data.
        int type = c.cmd.getInt("type");
        int length = type == VIOMMU_TEGRA241_CMDQV ? c.cmd.getInt("data_len") : 0;
        long address = c.cmd.get("data_uptr");
        Optional<Bytes> data = data(address, length);
        if (data.isEmpty()) {
            return Answer.fault();
        }
        Result<AllocatedViommu> made =
                fd.viommuAlloc(
                        c.cmd.getInt("flags"),
                        type,
                        c.cmd.getInt("dev_id"),
                        c.cmd.getInt("hwpt_id"),
                        data.get());
        if (!(made instanceof Result.Ok<AllocatedViommu>(AllocatedViommu viommu))) {
            return Answer.of(made);
        }
        boolean told =
                viommu.page()
                        .map(p ->
                                memory.write(
                                        address, Bytes.ofWords(p.offset(), p.length()).toArray()))
                        .orElse(true);
        c.cmd.set("out_viommu_id", viommu.id());
        if (told && c.respond()) {
            return Answer.ZERO;
        }
        fd.destroy(viommu.id());
        return Answer.fault();
    }

    private Answer vdeviceAlloc(Call c) {
        return allocated(
                c,
                fd.vdeviceAlloc(
                        c.cmd.getInt("viommu_id"), c.cmd.getInt("dev_id"), c.cmd.get("virt_id")),
                "out_vdevice_id");
    }

    private Answer veventqAlloc(Call c) {
        var made =
                fd.veventqAlloc(
                        c.cmd.getInt("flags"),
                        c.cmd.getInt("viommu_id"),
                        c.cmd.getInt("type"),
                        c.cmd.getInt("veventq_depth"));
        if (!made.isOk()) {
            return Answer.of(made);
        }
        var queue = made.orThrow();
        int descriptor = files.add(new OpenFiles.Events(queue));
        c.cmd.set("out_veventq_id", queue.objectId()).set("out_veventq_fd", descriptor);
        return c.respondOr(() -> {
            files.close(descriptor);
            fd.destroy(queue.objectId());
        });
    }

    private Answer hwQueueAlloc(Call c) {
        return allocated(
                c,
                fd.hwQueueAlloc(
                        c.cmd.getInt("flags"),
                        c.cmd.getInt("viommu_id"),
                        c.cmd.getInt("type"),
                        c.cmd.getInt("index"),
                        new Iova(c.cmd.get("nesting_parent_iova")),
                        c.cmd.get("length")),
                "out_hw_queue_id");
    }
}
