package dev.belfry.host.iommufd;

import dev.belfry.host.iommu.PagingDomain;
import dev.belfry.host.msi.MsiDesign;
import dev.belfry.host.uapi.Done;
import dev.belfry.host.uapi.Errno;
import dev.belfry.host.uapi.Result;
import dev.belfry.model.address.Hpa;
import dev.belfry.model.address.Iova;
import java.util.Optional;

/// `IOMMU_MAP_MSI`: doorbells in stage 2 where a VMM wants them. Static: nothing is mapped later,
/// on a fault.
///
/// @param pageShift log2 of the kernel's page size
record MsiMaps(ObjectTable objects, int pageShift, Iommufd.MsiExtensions msi) {

    Result<Done> map(int hwptId, int devId, Iova iova) {
        if (!msi.features().contains(MsiDesign.Feature.MAP_MSI)) {
            return Result.err(Errno.ENOTTY, "this kernel has no call that maps a doorbell");
        }
        return objects.get(hwptId, PagingHwpt.class)
                .then(hwpt -> objects.get(devId, BoundDevice.class).then(d -> map(hwpt, d, iova)));
    }

    private Result<Done> map(PagingHwpt hwpt, BoundDevice device, Iova iova) {
        Optional<Hpa> doorbell = msi.doorbell().apply(device.device());
        boolean inside = (iova.value() & (1L << pageShift) - 1) != 0;
        if (!hwpt.isNestParent() || inside || doorbell.isEmpty()) {
            return Result.err(
                    Errno.EINVAL, "a doorbell's page is mapped in a nesting parent, at a page");
        }
        Hpa page = doorbell.get().alignDown(pageShift);
        Hpa present = hwpt.mappedMsi().get(iova);
        if (page.equals(present)) {
            return Result.done();
        }
        if (present != null || hwpt.ioas().space().isMapped(iova.value())) {
            return Result.err(
                    Errno.EEXIST,
                    iova
                            + " leads to "
                            + (present == null ? "memory" : present)
                            + " already, not to the doorbell of "
                            + device.device().name());
        }
        return hwpt.domain()
                .map(iova, page, 1L << pageShift, new PagingDomain.Prot(true, true, true))
                .map(d -> {
                    hwpt.mappedMsi().put(iova, page);
                    return d;
                });
    }
}
