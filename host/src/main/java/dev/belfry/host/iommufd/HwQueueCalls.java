package dev.belfry.host.iommufd;

import dev.belfry.host.iommu.HardwareQueues;
import dev.belfry.host.uapi.Errno;
import dev.belfry.host.uapi.Result;
import dev.belfry.model.address.Hpa;
import dev.belfry.model.address.Iova;
import java.util.Optional;

/// `IOMMU_HW_QUEUE_ALLOC` (`iommufd_hw_queue_alloc_ioctl`).
record HwQueueCalls(ObjectTable objects, int pageShift) {

    /// The input of the call.
    ///
    /// @param index which of the vIOMMU's queues
    /// @param base guest physical address: an I/O address of the nesting parent
    /// @param length bytes
    record Request(int flags, int viommuId, int type, int index, Iova base, long length) {}

    Result<Integer> alloc(Request r) {
        if (r.flags != 0 || r.type == 0) {
            return Result.err(Errno.EOPNOTSUPP, "flags and the default type are not supported");
        }
        if (r.length == 0) {
            return Result.err(Errno.EINVAL, "the length is 0");
        }
        long last = r.base.value() + r.length - 1;
        if (Long.compareUnsigned(last, r.base.value()) < 0) {
            return Result.err(Errno.EOVERFLOW, "nesting_parent_iova + length wraps");
        }
        return objects.get(r.viommuId, Viommu.class).then(v -> alloc(r, v));
    }

    private Result<Integer> alloc(Request r, Viommu viommu) {
        Optional<HardwareQueues> queues = viommu.backend().queues();
        if (queues.isEmpty() || !queues.get().supports(r.type)) {
            return Result.err(
                    Errno.EOPNOTSUPP, "a vIOMMU of type " + viommu.type() + " has no such queues");
        }
        IovaSpace space = viommu.parent().ioas().space();
        return pin(space, r)
                .then(memory -> {
                    Hpa base = new Hpa(memory.physical() + offset(r.base.value()));
                    Result<HardwareQueues.Queue> queue =
                            queues.get().allocate(r.index, base, r.length);
                    if (!queue.isOk()) {
                        space.unpin(memory);
                    }
                    return queue.map(
                            q -> objects.add(new HwQueue(viommu, r.index, q, memory)).id());
                });
    }

    private long offset(long address) {
        return address & (1L << pageShift) - 1;
    }

    /// Whole pages, which must be contiguous: hardware knows no translation of them.
    private Result<IovaSpace.Pinned> pin(IovaSpace space, Request r) {
        long page = 1L << pageShift;
        long length = offset(r.base.value()) + r.length;
        boolean tooLong =
                Long.compareUnsigned(length, r.length) < 0
                        || Long.compareUnsigned(length + page - 1, length) < 0;
        if (tooLong) {
            return Result.err(Errno.ERANGE, "the length wraps when rounded to pages");
        }
        return space.pin(r.base.value() & -page, length + page - 1 & -page);
    }
}
