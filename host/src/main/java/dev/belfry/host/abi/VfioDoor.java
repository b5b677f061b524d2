package dev.belfry.host.abi;

import dev.belfry.host.uapi.Errno;
import dev.belfry.host.uapi.EventFd;
import dev.belfry.host.uapi.Ioctl;
import dev.belfry.host.uapi.KernelVersion;
import dev.belfry.host.uapi.Result;
import dev.belfry.host.vfio.IrqInfo;
import dev.belfry.host.vfio.IrqSet;
import dev.belfry.host.vfio.RegionInfo;
import dev.belfry.host.vfio.VfioDevice;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// The ioctls of a VFIO device as bytes (`vfio_device_fops_unl_ioctl`, `vfio_pci_core_ioctl`).
final class VfioDoor {

    private static final int ATTACH_PASID = 1;
    private static final int BIND_TOKEN = 1;
    private static final int ERR_IRQ_INDEX = 3;
    private static final int REQ_IRQ_INDEX = 4;
    private static final int UUID = 16;

    /// `VFIO_REGION_INFO_CAP_MSIX_MAPPABLE`, version 1, the last.
    private static final byte[] MSIX_MAPPABLE = {3, 0, 1, 0, 0, 0, 0, 0};

    /// A region's offset in the file (`VFIO_PCI_OFFSET_SHIFT`).
    private static final int REGION_SHIFT = 40;

    private final VfioDevice device;
    private final KernelVersion version;
    private final UserBytes memory;
    private final OpenFiles files;

    VfioDoor(VfioDevice device, KernelVersion version, UserBytes memory, OpenFiles files) {
        this.device = device;
        this.version = version;
        this.memory = memory;
        this.files = files;
    }

    /// A structure that begins with `argsz`, as far as it must be there.
    private record Arg(UserBytes memory, long at, StructBytes cmd) {
        boolean write(AbiStruct layout, String last) {
            int n = Math.min(cmd.getInt("argsz"), layout.slot(last).end());
            return memory.write(at, Arrays.copyOf(cmd.bytes(), Math.max(0, n)));
        }
    }

    Answer ioctl(int request, UserBytes memory, long at) {
        if (request == Ioctl.VFIO_DEVICE_BIND_IOMMUFD.request()) {
            return with(AbiStruct.VFIO_DEVICE_BIND_IOMMUFD, "out_devid", memory, at, this::bind);
        }
        if (device.boundDevice().isEmpty()) {
            return Answer.err(Errno.EINVAL, device.name() + " is not bound to an iommufd");
        }
        if (request == Ioctl.VFIO_DEVICE_ATTACH_IOMMUFD_PT.request()) {
            return with(AbiStruct.VFIO_DEVICE_ATTACH_IOMMUFD_PT, "pt_id", memory, at, this::attach);
        }
        if (request == Ioctl.VFIO_DEVICE_DETACH_IOMMUFD_PT.request()) {
            return with(AbiStruct.VFIO_DEVICE_DETACH_IOMMUFD_PT, "flags", memory, at, this::detach);
        }
        if (request == Ioctl.VFIO_DEVICE_FEATURE.request()) {
            return with(AbiStruct.VFIO_DEVICE_FEATURE, "flags", memory, at, this::feature);
        }
        if (request == Ioctl.VFIO_DEVICE_GET_INFO.request()) {
            return with(AbiStruct.VFIO_DEVICE_INFO, "num_irqs", memory, at, this::info);
        }
        if (request == Ioctl.VFIO_DEVICE_GET_REGION_INFO.request()) {
            return with(AbiStruct.VFIO_REGION_INFO, "offset", memory, at, this::regionInfo);
        }
        if (request == Ioctl.VFIO_DEVICE_GET_IRQ_INFO.request()) {
            return with(AbiStruct.VFIO_IRQ_INFO, "count", memory, at, this::irqInfo);
        }
        if (request == Ioctl.VFIO_DEVICE_SET_IRQS.request()) {
            return with(AbiStruct.VFIO_IRQ_SET, "count", memory, at, this::setIrqs);
        }
        return request == Ioctl.VFIO_DEVICE_RESET.request()
                ? Answer.of(device.reset())
                : Answer.err(Errno.ENOTTY, "no ioctl of a VFIO device");
    }

    private interface Body {
        Answer run(Arg arg);
    }

    /// The kernel copies what must be there, then looks at `argsz`; what is there beyond is copied
    /// as far as `argsz` says.
    private static Answer with(
            AbiStruct layout, String last, UserBytes memory, long at, Body body) {
        int least = layout.slot(last).end();
        Optional<byte[]> head = memory.read(at, least);
        if (head.isEmpty()) {
            return Answer.fault();
        }
        long argsz = StructReader.value(head.get(), 0, 4);
        if (argsz < least) {
            return Answer.err(Errno.EINVAL, "argsz is less than " + least);
        }
        byte[] all = memory.read(at, (int) Math.min(argsz, layout.size())).orElse(head.get());
        return body.run(new Arg(memory, at, StructBytes.from(layout, all)));
    }

    private Answer bind(Arg a) {
        int fd = a.cmd.getInt("iommufd");
        boolean tokens = version.has(KernelVersion.V6_17);
        int flags = a.cmd.getInt("flags");
        if ((flags & ~(tokens ? BIND_TOKEN : 0)) != 0 || fd < 0) {
            return Answer.err(Errno.EINVAL, "flags, or a descriptor that cannot be");
        }
        if (device.boundDevice().isPresent()) {
            return Answer.err(Errno.EINVAL, device.name() + " is bound already");
        }
        if ((flags & BIND_TOKEN) != 0) {
            return memory.read(a.cmd.get("token_uuid_ptr"), UUID).isEmpty()
                    ? Answer.fault()
                    : Answer.err(Errno.EINVAL, device.name() + " has no virtual functions");
        }
        return switch (files.get(fd).orElse(null)) {
            case null -> Answer.err(Errno.EBADF, "the descriptor is of no file");
            case OpenFiles.Iommu(var iommufd) -> {
                Result<Integer> id = device.bindIommufd(0, iommufd);
                if (!(id instanceof Result.Ok<Integer>(Integer devId))) {
                    yield Answer.of(id);
                }
                a.cmd.set("out_devid", devId);
                yield a.write(AbiStruct.VFIO_DEVICE_BIND_IOMMUFD, "out_devid")
                        ? Answer.ZERO
                        : unbound();
            }
            case OpenFiles.OpenFile _ -> Answer.err(Errno.EBADFD, "the file is no iommufd");
        };
    }

    private Answer unbound() {
        device.unbind();
        return Answer.fault();
    }

    private Answer attach(Arg a) {
        if (lacksPasid(a, AbiStruct.VFIO_DEVICE_ATTACH_IOMMUFD_PT)) {
            return Answer.err(Errno.EINVAL, "argsz does not cover the PASID");
        }
        int flags = a.cmd.getInt("flags");
        Result<Integer> id = device.attach(flags, a.cmd.getInt("pt_id"), a.cmd.getInt("pasid"));
        if (!(id instanceof Result.Ok<Integer>(Integer hwpt))) {
            return Answer.of(id);
        }
        a.cmd.set("pt_id", hwpt);
        if (a.write(AbiStruct.VFIO_DEVICE_ATTACH_IOMMUFD_PT, "pt_id")) {
            return Answer.ZERO;
        }
        device.detach(0);
        return Answer.fault();
    }

    /// Whether the flag asks for a PASID that was not given.
    private static boolean lacksPasid(Arg a, AbiStruct layout) {
        return a.cmd.getInt("flags") == ATTACH_PASID && a.cmd.getInt("argsz") < layout.size();
    }

    private Answer detach(Arg a) {
        return lacksPasid(a, AbiStruct.VFIO_DEVICE_DETACH_IOMMUFD_PT)
                ? Answer.err(Errno.EINVAL, "argsz does not cover the PASID")
                : Answer.of(device.detach(a.cmd.getInt("flags"), a.cmd.getInt("pasid")));
    }

    /// What follows the header is read where a feature may look at it.
    private Answer feature(Arg a) {
        int header = AbiStruct.VFIO_DEVICE_FEATURE.size();
        long length = a.cmd.get("argsz") - header;
        Optional<byte[]> first = length >= 4 ? a.memory.read(a.at + header, 4) : Optional.empty();
        Optional<EventFd> fd = first.flatMap(b -> eventfd((int) StructReader.value(b, 0, 4)));
        return Answer.of(
                device.feature(a.cmd.getInt("flags"), new VfioDevice.FeatureData(length, fd)));
    }

    private Answer info(Arg a) {
        Result<VfioDevice.DeviceInfo> result = device.getInfo();
        if (!(result instanceof Result.Ok<VfioDevice.DeviceInfo>(VfioDevice.DeviceInfo i))) {
            return Answer.of(result);
        }
        a.cmd.set("flags", i.flags()).set("num_regions", i.regions()).set("num_irqs", i.irqs());
        a.cmd.set("cap_offset", 0);
        return a.write(AbiStruct.VFIO_DEVICE_INFO, "pad") ? Answer.ZERO : Answer.fault();
    }

    private Answer regionInfo(Arg a) {
        int index = a.cmd.getInt("index");
        Result<RegionInfo> result = device.getRegionInfo(index);
        if (!(result instanceof Result.Ok<RegionInfo>(RegionInfo r))) {
            return Answer.of(result);
        }
        a.cmd.set("flags", r.flags()).set("cap_offset", 0).set("size", r.size());
        a.cmd.set("offset", (long) index << REGION_SHIFT);
        boolean told = (r.flags() & RegionInfo.CAPS) == 0 || tellMsixMappable(a);
        return told && a.write(AbiStruct.VFIO_REGION_INFO, "offset") ? Answer.ZERO : Answer.fault();
    }

    /// The one capability that a region has here, behind the structure; or how long it would be.
    private static boolean tellMsixMappable(Arg a) {
        int size = AbiStruct.VFIO_REGION_INFO.size();
        int needed = size + MSIX_MAPPABLE.length;
        if (Integer.compareUnsigned(a.cmd.getInt("argsz"), needed) < 0) {
            a.cmd.set("argsz", needed);
            return true;
        }
        a.cmd.set("cap_offset", size);
        return a.memory.write(a.at + size, MSIX_MAPPABLE.clone());
    }

    private Answer irqInfo(Arg a) {
        Result<IrqInfo> result = device.getIrqInfo(a.cmd.getInt("index"));
        if (!(result instanceof Result.Ok<IrqInfo>(IrqInfo i))) {
            return Answer.of(result);
        }
        a.cmd.set("flags", i.flags()).set("count", i.count());
        return a.write(AbiStruct.VFIO_IRQ_INFO, "count") ? Answer.ZERO : Answer.fault();
    }

    /// `vfio_set_irqs_validate_and_prepare`, as far as it concerns bytes.
    private Answer setIrqs(Arg a) {
        int flags = a.cmd.getInt("flags");
        int index = a.cmd.getInt("index");
        long start = a.cmd.get("start");
        long count = a.cmd.get("count");
        long most = device.getIrqInfo(index).map(IrqInfo::count).isOk() ? counted(index) : 0;
        boolean inRange = start < most && start + count <= most;
        Optional<IrqSet.Action> action = action(flags);
        int width =
                switch (flags & 7) {
                    case 1 -> 0;
                    case 2 -> 1;
                    case 4 -> 4;
                    default -> -1;
                };
        int header = AbiStruct.VFIO_IRQ_SET.size();
        if ((flags & ~0x3f) != 0
                || !inRange
                || width < 0
                || a.cmd.get("argsz") - header < count * width) {
            return Answer.err(Errno.EINVAL, "the index has " + most + " interrupts");
        }
        Optional<byte[]> data = a.memory.read(a.at + header, (int) count * width);
        if (data.isEmpty()) {
            return Answer.fault();
        }
        if (action.isEmpty()) {
            return Answer.err(Errno.ENOTTY, "not one action");
        }
        // These two are disconnected by -1 alone.
        boolean notification = index == ERR_IRQ_INDEX || index == REQ_IRQ_INDEX;
        if (notification && width == 4 && count > 0 && action.get() == IrqSet.Action.TRIGGER) {
            if ((int) StructReader.value(data.get(), 0, 4) < -1) {
                return Answer.err(Errno.EINVAL, "a descriptor that cannot be");
            }
        }
        IrqSet set =
                new IrqSet(index, action.get(), (int) start, (int) count, data(width, data.get()));
        return switch (device.setIrqs(set)) {
            case Result.Ok<Integer>(Integer n) -> Answer.of(n.longValue());
            case Result.Err<Integer> e -> Answer.of(e);
        };
    }

    private int counted(int index) {
        return device.getIrqInfo(index).orThrow().count();
    }

    private static Optional<IrqSet.Action> action(int flags) {
        return switch (flags & 0x38) {
            case 8 -> Optional.of(IrqSet.Action.MASK);
            case 16 -> Optional.of(IrqSet.Action.UNMASK);
            case 32 -> Optional.of(IrqSet.Action.TRIGGER);
            default -> Optional.empty();
        };
    }

    private IrqSet.Data data(int width, byte[] bytes) {
        return switch (width) {
            case 0 -> new IrqSet.Data.None();
            case 1 -> {
                List<Boolean> values = new ArrayList<>();
                for (byte b : bytes) {
                    values.add(b != 0);
                }
                yield new IrqSet.Data.Bools(values);
            }
            default -> {
                List<Optional<EventFd>> fds = new ArrayList<>();
                for (int i = 0; i < bytes.length; i += 4) {
                    fds.add(eventfd((int) StructReader.value(bytes, i, 4)));
                }
                yield new IrqSet.Data.EventFds(fds);
            }
        };
    }

    /// A negative number disconnects.
    private Optional<EventFd> eventfd(int fd) {
        return fd < 0 ? Optional.empty() : Optional.of(files.eventfd(fd));
    }
}
