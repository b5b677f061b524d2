package dev.belfry.vmm.vfio;

import dev.belfry.host.iommufd.HwptAlloc;
import dev.belfry.host.iommufd.MapFlags;
import dev.belfry.host.memory.UserVa;
import dev.belfry.host.uapi.Done;
import dev.belfry.host.uapi.Errno;
import dev.belfry.host.uapi.Result;
import dev.belfry.host.vfio.VfioDevice;
import dev.belfry.model.address.Iova;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// One address space of the guest behind one iommufd: an IOAS with guest RAM in it, and the HWPTs
/// that devices share.
///
/// QEMU keys containers by address space and iommufd, so all devices that see guest memory alike
/// share the IOAS; they share a HWPT too, as far as the kernel attaches them to it (one made for
/// another physical SMMU is refused with EINVAL, and the next is tried). A HWPT goes with its last
/// device, the IOAS with its last HWPT.
public final class VfioContainer {

    /// Guest RAM.
    ///
    /// @param base guest-physical address
    /// @param size bytes
    /// @param va where the VMM has it
    public record Ram(long base, long size, UserVa va) {}

    private final OpenIommufd open;
    private final int ioas;
    private final Map<Integer, List<VfioDevice>> hwpts = new LinkedHashMap<>();

    private VfioContainer(OpenIommufd open, int ioas) {
        this.open = open;
        this.ioas = ioas;
    }

    /// Allocates the IOAS and maps guest RAM at its guest-physical address.
    public static Result<VfioContainer> open(OpenIommufd open, Ram ram) {
        return open.iommufd()
                .ioasAlloc(0)
                .then(ioas -> {
                    VfioContainer made = new VfioContainer(open, ioas);
                    Result<Done> mapped = made.map(ram, ram.size, ram.base);
                    if (!mapped.isOk()) {
                        open.discards().discard("an IOAS", ioas);
                    }
                    return mapped.map(d -> made);
                });
    }

    private Result<Done> map(Ram ram, long size, long at) {
        int flags = MapFlags.FIXED_IOVA | MapFlags.READABLE | MapFlags.WRITEABLE;
        return open.iommufd()
                .ioasMap(ioas, flags, ram.va, size, new Iova(at))
                .map(iova -> Done.DONE);
    }

    /// Lets devices see 1 MiB of guest RAM a second time.
    public Result<Done> mapLow(Ram ram, long base) {
        return map(ram, 1 << 20, base);
    }

    /// Attaches a bound device: to a HWPT that is there if the kernel lets it, else to a new one.
    ///
    /// @param nestParent whether its vIOMMU will nest on it
    /// @return the HWPT
    Result<Integer> attach(VfioDevice device, int devId, boolean nestParent) {
        for (Map.Entry<Integer, List<VfioDevice>> hwpt : hwpts.entrySet()) {
            Result<Integer> attached = device.attach(0, hwpt.getKey());
            if (attached.isOk()) {
                hwpt.getValue().add(device);
            }
            if (!(attached instanceof Result.Err<Integer>(Errno errno, var _))
                    || errno != Errno.EINVAL) {
                return attached.map(id -> hwpt.getKey());
            }
        }
        int flags = nestParent ? HwptAlloc.NEST_PARENT : 0;
        return open.iommufd()
                .hwptAlloc(HwptAlloc.paging(flags, devId, ioas))
                .then(made -> attachTo(device, made));
    }

    private Result<Integer> attachTo(VfioDevice device, int made) {
        Result<Integer> attached = device.attach(0, made);
        if (attached.isOk()) {
            hwpts.put(made, new ArrayList<>(List.of(device)));
        } else {
            open.discards().discard("a HWPT", made);
        }
        return attached.map(id -> made);
    }

    /// A device has left: what only it needed goes.
    void left(VfioDevice device) {
        for (int hwpt : List.copyOf(hwpts.keySet())) {
            List<VfioDevice> users = hwpts.getOrDefault(hwpt, List.of());
            if (users.remove(device) && users.isEmpty()) {
                hwpts.remove(hwpt);
                open.discards().discard("the HWPT of " + device.name(), hwpt);
            }
        }
    }

    /// Whether no device is in it.
    public boolean isEmpty() {
        return hwpts.isEmpty();
    }

    /// Gives the IOAS back, with all that is mapped in it.
    public void close() {
        open.discards().discard("the IOAS", ioas);
    }
}
