package dev.belfry.host.iommufd;

import dev.belfry.host.iommu.Iommu;
import dev.belfry.host.iommu.ViommuBackend;
import dev.belfry.host.uapi.Errno;
import dev.belfry.host.uapi.Result;
import dev.belfry.model.journey.Bytes;
import java.util.List;

/// The ioctls on vIOMMUs (`drivers/iommu/iommufd/viommu.c`, `eventq.c`, `hw_pagetable.c`).
record ViommuCalls(ObjectTable objects, MmapTable mmaps, InvalidationBounds bounds) {

    private static final int VIOMMU_INVALIDATE_DATA_ARM_SMMUV3 = 1;

    Result<AllocatedViommu> alloc(int flags, int type, int devId, int hwptId, Bytes data) {
        if (flags != 0 || type == 0) {
            return Result.err(Errno.EOPNOTSUPP, "flags and the default type are not supported");
        }
        return objects.get(devId, BoundDevice.class)
                .then(d -> {
                    if (!d.device().iommu().supportsViommu(d.device(), type)) {
                        return Result.err(
                                Errno.EOPNOTSUPP,
                                d.device().iommu().name()
                                        + " cannot nest for "
                                        + d.device().name());
                    }
                    return objects.get(hwptId, PagingHwpt.class)
                            .then(parent -> alloc(d, parent, type, data));
                });
    }

    private Result<AllocatedViommu> alloc(
            BoundDevice device, PagingHwpt parent, int type, Bytes data) {
        if (!parent.isNestParent()) {
            return Result.err(Errno.EINVAL, "the HWPT was not made to be a parent");
        }
        Iommu iommu = device.device().iommu();
        return iommu.allocViommu(device.device(), parent.domain(), type, data)
                .map(backend -> {
                    Viommu v = objects.add(new Viommu(iommu, parent, backend, type, mmaps));
                    return new AllocatedViommu(
                            v.id(),
                            v.page()
                                    .map(p ->
                                            new AllocatedViommu.Page(p.offset(), p.page().size())));
                });
    }

    Result<Integer> allocVdevice(int viommuId, int devId, long virtualId) {
        return objects.get(viommuId, Viommu.class)
                .then(v ->
                        objects.get(devId, BoundDevice.class)
                                .then(d -> allocVdevice(v, d, virtualId)));
    }

    private Result<Integer> allocVdevice(Viommu viommu, BoundDevice device, long virtualId) {
        if (!viommu.iommu().equals(device.device().iommu())) {
            return Result.err(Errno.EINVAL, device.device().name() + " is behind another IOMMU");
        }
        if (device.vdevice().isPresent()) {
            return Result.err(Errno.EEXIST, device.device().name() + " has a vDEVICE already");
        }
        if (viommu.vdevices().containsKey(virtualId)) {
            return Result.err(Errno.EEXIST, "virtual id " + virtualId + " is taken");
        }
        return viommu.backend()
                .addDevice(device.device(), virtualId)
                .map(d -> objects.add(new Vdevice(viommu, device, virtualId)).id());
    }

    Result<Veventq> allocVeventq(int flags, int viommuId, int type, int depth, int fd) {
        if (flags != 0 || type == 0) {
            return Result.err(Errno.EOPNOTSUPP, "flags and the default type are not supported");
        }
        if (depth == 0) {
            return Result.err(Errno.EINVAL, "the depth is 0");
        }
        return objects.get(viommuId, Viommu.class)
                .then(v ->
                        v.veventqs().containsKey(type)
                                ? Result.err(Errno.EEXIST, "the vIOMMU has such a queue already")
                                : Result.ok(objects.add(new Veventq(v, type, depth, fd))));
    }

    ViommuBackend.Invalidated invalidate(
            int targetId, int dataType, int entryLength, List<long[]> commands) {
        if (!commands.isEmpty() && entryLength == 0) {
            return failed(Errno.EINVAL, "entries of length 0");
        }
        if (!bounds.allow(commands.size(), entryLength)) {
            return failed(Errno.EINVAL, "too many entries, or too long ones");
        }
        Result<IommufdObject> target = objects.get(targetId, IommufdObject.class);
        return switch (target) {
            case Result.Err<IommufdObject>(Errno errno, String why) -> failed(errno, why);
            case Result.Ok<IommufdObject>(NestedHwpt _) ->
                    failed(Errno.EOPNOTSUPP, "SMMUv3 invalidates by vIOMMU, not by HWPT");
            case Result.Ok<IommufdObject>(Viommu v) -> invalidate(v, dataType, commands);
            case Result.Ok<IommufdObject>(IommufdObject o) ->
                    failed(Errno.EINVAL, o.kind() + " cannot be invalidated");
        };
    }

    private static ViommuBackend.Invalidated invalidate(
            Viommu viommu, int dataType, List<long[]> commands) {
        return dataType == VIOMMU_INVALIDATE_DATA_ARM_SMMUV3
                ? viommu.backend().invalidate(commands)
                : failed(Errno.EINVAL, "not an array of SMMUv3 commands");
    }

    private static ViommuBackend.Invalidated failed(Errno errno, String why) {
        return new ViommuBackend.Invalidated(0, java.util.Optional.of(errno), why);
    }
}
