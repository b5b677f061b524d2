package dev.belfry.vmm.vfio;

import dev.belfry.host.iommufd.HwptAlloc;
import dev.belfry.host.iommufd.Iommufd;
import dev.belfry.host.iommufd.MapFlags;
import dev.belfry.host.memory.UserVa;
import dev.belfry.host.uapi.Done;
import dev.belfry.host.uapi.Errno;
import dev.belfry.host.uapi.Result;
import dev.belfry.host.vfio.VfioDevice;
import dev.belfry.model.address.Iova;
import java.util.ArrayList;
import java.util.List;

/// One address space of the guest behind one iommufd: an IOAS with guest RAM in it, and the HWPTs
/// that devices share.
///
/// QEMU keys containers by address space and iommufd, so all devices that see guest memory alike
/// share the IOAS; they share a HWPT too, as far as the kernel attaches them to it (one made for
/// another physical SMMU is refused with EINVAL, and the next is tried).
public final class VfioContainer {

    /// Guest RAM.
    ///
    /// @param base guest-physical address
    /// @param size bytes
    /// @param va where the VMM has it
    public record Ram(long base, long size, UserVa va) {}

    private final Iommufd iommufd;
    private final int ioas;
    private final List<Integer> hwpts = new ArrayList<>();

    private VfioContainer(Iommufd iommufd, int ioas) {
        this.iommufd = iommufd;
        this.ioas = ioas;
    }

    /// Allocates the IOAS and maps guest RAM at its guest-physical address.
    public static Result<VfioContainer> open(Iommufd iommufd, Ram ram) {
        return iommufd.ioasAlloc(0)
                .then(ioas ->
                        iommufd.ioasMap(
                                        ioas,
                                        MapFlags.FIXED_IOVA
                                                | MapFlags.READABLE
                                                | MapFlags.WRITEABLE,
                                        ram.va,
                                        ram.size,
                                        new Iova(ram.base))
                                .map(at -> new VfioContainer(iommufd, ioas)));
    }

    /// Lets devices see 1 MiB of guest RAM a second time.
    public Result<Done> mapLow(Ram ram, long base) {
        int flags = MapFlags.FIXED_IOVA | MapFlags.READABLE | MapFlags.WRITEABLE;
        return iommufd.ioasMap(ioas, flags, ram.va, 1 << 20, new Iova(base)).map(at -> Done.DONE);
    }

    /// The iommufd.
    public Iommufd iommufd() {
        return iommufd;
    }

    /// Attaches a bound device: to a HWPT that is there if the kernel lets it, else to a new one.
    ///
    /// @param nestParent whether its vIOMMU will nest on it
    /// @return the HWPT
    Result<Integer> attach(VfioDevice device, int devId, boolean nestParent) {
        for (int hwpt : hwpts) {
            Result<Integer> attached = device.attach(0, hwpt);
            if (!(attached instanceof Result.Err<Integer>(Errno errno, var _))
                    || errno != Errno.EINVAL) {
                return attached.map(id -> hwpt);
            }
        }
        int flags = nestParent ? HwptAlloc.NEST_PARENT : 0;
        return iommufd.hwptAlloc(HwptAlloc.paging(flags, devId, ioas))
                .then(made -> attachTo(device, made));
    }

    private Result<Integer> attachTo(VfioDevice device, int made) {
        Result<Integer> attached = device.attach(0, made);
        if (attached.isOk()) {
            hwpts.add(made);
        } else {
            iommufd.destroy(made);
        }
        return attached.map(id -> made);
    }
}
