package dev.belfry.host.iommufd;

import dev.belfry.host.iommu.Iommu;
import dev.belfry.host.iommu.NestedDomain;
import dev.belfry.host.iommu.PagingDomain;
import dev.belfry.host.uapi.Done;
import dev.belfry.host.uapi.Errno;
import dev.belfry.host.uapi.Result;
import java.util.Optional;

/// `IOMMU_HWPT_ALLOC` (`drivers/iommu/iommufd/hw_pagetable.c`).
record HwptCalls(ObjectTable objects) {

    private static final int VALID_PAGING =
            HwptAlloc.NEST_PARENT
                    | HwptAlloc.DIRTY_TRACKING
                    | HwptAlloc.FAULT_ID_VALID
                    | HwptAlloc.PASID;

    /// Bytes of `struct iommu_hwpt_arm_smmuv3`.
    private static final int ARM_SMMUV3_LENGTH = 16;

    Result<Integer> alloc(HwptAlloc a) {
        boolean none = a.data().type() == 0;
        boolean empty = a.data().length() == 0;
        if (none != empty) {
            return Result.err(Errno.EINVAL, "data_type and data_len do not agree");
        }
        Result<BoundDevice> device = objects.get(a.devId(), BoundDevice.class);
        if (!(device instanceof Result.Ok<BoundDevice>(BoundDevice d))) {
            return device.map(x -> 0);
        }
        Result<IommufdObject> pt = objects.get(a.ptId(), IommufdObject.class);
        return switch (pt) {
            case Result.Err<IommufdObject>(_, String why) -> Result.err(Errno.EINVAL, why);
            case Result.Ok<IommufdObject>(Ioas ioas) -> paging(a, d, ioas);
            case Result.Ok<IommufdObject>(Viommu viommu) -> nested(a, d, viommu);
            case Result.Ok<IommufdObject>(PagingHwpt _) ->
                    Result.err(
                            Errno.EOPNOTSUPP, "SMMUv3 nests through a vIOMMU, not a HWPT directly");
            case Result.Ok<IommufdObject>(IommufdObject o) ->
                    Result.err(Errno.EINVAL, o.kind() + " is no pt_id");
        };
    }

    private Result<Integer> paging(HwptAlloc a, BoundDevice device, Ioas ioas) {
        boolean parent = (a.flags() & HwptAlloc.NEST_PARENT) != 0;
        boolean faults = (a.flags() & HwptAlloc.FAULT_ID_VALID) != 0;
        if ((a.flags() & ~VALID_PAGING) != 0 || (parent && faults)) {
            return Result.err(Errno.EOPNOTSUPP, "flags that do not exist or do not go together");
        }
        if (a.data().type() != 0) {
            return Result.err(Errno.EOPNOTSUPP, "the SMMUv3 driver takes no data here");
        }
        boolean dirty = (a.flags() & HwptAlloc.DIRTY_TRACKING) != 0;
        if (dirty && !device.device().iommu().tracksDirty()) {
            return Result.err(Errno.EOPNOTSUPP, "the IOMMU does not note what devices write");
        }
        boolean pasid = (a.flags() & HwptAlloc.PASID) != 0;
        return device.device()
                .iommu()
                .allocPaging(device.device(), new Iommu.Use(parent, dirty, pasid))
                .then(domain -> adopt(a, ioas, domain, new PagingHwpt.Kind(parent, false, pasid)));
    }

    private Result<Integer> adopt(
            HwptAlloc a, Ioas ioas, PagingDomain domain, PagingHwpt.Kind kind) {
        Result<Done> added = ioas.space().addDomain(domain);
        Result<Optional<FaultQueue>> faults = added.then(d -> faultQueue(a));
        if (added.isOk() && !faults.isOk()) {
            ioas.space().removeDomain(domain);
        }
        if (!faults.isOk()) {
            domain.free();
        }
        return faults.map(f -> objects.add(new PagingHwpt(ioas, domain, kind, f)).id());
    }

    private Result<Integer> nested(HwptAlloc a, BoundDevice device, Viommu viommu) {
        if (!viommu.iommu().equals(device.device().iommu())) {
            return Result.err(
                    Errno.EINVAL,
                    device.device().name()
                            + " is behind "
                            + device.device().iommu().name()
                            + ", the vIOMMU on "
                            + viommu.iommu().name());
        }
        if ((a.flags() & ~HwptAlloc.FAULT_ID_VALID) != 0) {
            return Result.err(Errno.EOPNOTSUPP, "a nested HWPT takes no such flags");
        }
        if (a.data().type() == 0) {
            return Result.err(Errno.EOPNOTSUPP, "a nested HWPT needs the guest's STE");
        }
        Result<Done> readable = readable(a.data());
        return readable.then(d -> viommu.backend().allocNested(a.data().word(0), a.data().word(1)))
                .then(n -> adopt(a, viommu, n));
    }

    private Result<Integer> adopt(HwptAlloc a, Viommu viommu, NestedDomain domain) {
        Result<Optional<FaultQueue>> faults = faultQueue(a);
        if (!faults.isOk()) {
            domain.free();
        }
        return faults.map(f -> objects.add(new NestedHwpt(viommu, domain, f)).id());
    }

    /// `iommu_copy_struct_from_user`.
    private static Result<Done> readable(HwptData data) {
        if (data.type() != HwptData.ARM_SMMUV3 || data.length() != ARM_SMMUV3_LENGTH) {
            return Result.err(Errno.EINVAL, "not a struct iommu_hwpt_arm_smmuv3");
        }
        return data.bytes().isPresent()
                ? Result.done()
                : Result.err(Errno.EFAULT, "data_uptr cannot be read");
    }

    private Result<Optional<FaultQueue>> faultQueue(HwptAlloc a) {
        return (a.flags() & HwptAlloc.FAULT_ID_VALID) == 0
                ? Result.ok(Optional.empty())
                : objects.get(a.faultId(), FaultQueue.class).map(Optional::of);
    }
}
