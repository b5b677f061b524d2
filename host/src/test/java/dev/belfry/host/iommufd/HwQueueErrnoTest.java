package dev.belfry.host.iommufd;

import static dev.belfry.host.HostFixture.GPU;
import static dev.belfry.host.HostFixture.RAM_BASE;
import static dev.belfry.host.HostFixture.devId;
import static dev.belfry.host.iommufd.ErrnoCase.PAGE;
import static dev.belfry.host.iommufd.ErrnoCase.rule;
import static dev.belfry.host.uapi.Errno.EFAULT;
import static dev.belfry.host.uapi.Errno.EINVAL;
import static dev.belfry.host.uapi.Errno.EIO;
import static dev.belfry.host.uapi.Errno.ENOENT;
import static dev.belfry.host.uapi.Errno.EOPNOTSUPP;
import static dev.belfry.host.uapi.Errno.EOVERFLOW;
import static dev.belfry.host.uapi.Errno.ERANGE;

import dev.belfry.host.HostFixture;
import dev.belfry.host.uapi.Result;
import dev.belfry.host.vfio.VfioDevice;
import dev.belfry.model.address.Iova;
import dev.belfry.model.journey.Bytes;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// One case for each errno of `IOMMU_HW_QUEUE_ALLOC`.
class HwQueueErrnoTest {

    private static Result<?> queue(HostFixture f, int type, int index, long base, long length) {
        VfioDevice gpu = f.bind(GPU);
        int parent = f.nestParent(gpu, f.ioasWithRam());
        int viommu =
                f.iommufd.viommuAlloc(0, 2, devId(gpu), parent, Bytes.ofWords(0, 0)).orThrow().id();
        return f.iommufd.hwQueueAlloc(0, viommu, type, index, new Iova(base), length);
    }

    static List<ErrnoCase> queues() {
        return List.of(
                rule(
                        "HW_QUEUE_ALLOC with flags",
                        EOPNOTSUPP,
                        f -> f.iommufd.hwQueueAlloc(1, 77, 1, 0, new Iova(0), 0)),
                rule(
                        "HW_QUEUE_ALLOC of the default type",
                        EOPNOTSUPP,
                        f -> f.iommufd.hwQueueAlloc(0, 77, 0, 0, new Iova(0), 0)),
                rule(
                        "HW_QUEUE_ALLOC of length 0",
                        EINVAL,
                        f -> f.iommufd.hwQueueAlloc(0, 77, 1, 0, new Iova(0), 0)),
                rule(
                        "HW_QUEUE_ALLOC that wraps",
                        EOVERFLOW,
                        f -> f.iommufd.hwQueueAlloc(0, 77, 1, 0, new Iova(-PAGE), 2 * PAGE)),
                rule(
                        "HW_QUEUE_ALLOC of an unknown vIOMMU",
                        ENOENT,
                        f -> f.iommufd.hwQueueAlloc(0, 77, 1, 0, new Iova(0), PAGE)),
                rule(
                        "HW_QUEUE_ALLOC in a vIOMMU of a type without queues",
                        EOPNOTSUPP,
                        f ->
                                f.iommufd.hwQueueAlloc(
                                        0, f.viommu(f.bind(GPU)), 1, 0, new Iova(0), PAGE)),
                rule(
                        "HW_QUEUE_ALLOC of an unknown type",
                        EOPNOTSUPP,
                        f -> queue(f, 2, 0, RAM_BASE, PAGE)),
                rule(
                        "HW_QUEUE_ALLOC whose length wraps when rounded to pages",
                        ERANGE,
                        f -> queue(f, 1, 0, 1, -2)),
                rule(
                        "HW_QUEUE_ALLOC where nothing is mapped",
                        ENOENT,
                        f -> queue(f, 1, 0, 0, PAGE)),
                rule(
                        "HW_QUEUE_ALLOC across memory that is not contiguous on the host",
                        EFAULT,
                        f -> queue(f, 1, 0, RAM_BASE + 0x1f_f000, 2 * PAGE)),
                rule(
                        "HW_QUEUE_ALLOC of a length that is no power of two",
                        EINVAL,
                        f -> queue(f, 1, 0, RAM_BASE, 3 * PAGE)),
                rule(
                        "HW_QUEUE_ALLOC of less than 32 bytes",
                        EINVAL,
                        f -> queue(f, 1, 0, RAM_BASE, 16)),
                rule(
                        "HW_QUEUE_ALLOC of more entries than IDR1.CMDQS allows",
                        EINVAL,
                        _ -> {
                            HostFixture small =
                                    new HostFixture(
                                            HostFixture.with(id -> id.withCommandQueue(15)));
                            return queue(small, 1, 0, RAM_BASE, 16L << 16);
                        }),
                rule(
                        "HW_QUEUE_ALLOC at a base that is not aligned to its length",
                        EINVAL,
                        f -> queue(f, 1, 0, RAM_BASE + PAGE, 2 * PAGE)),
                rule(
                        "HW_QUEUE_ALLOC of an index that the interface has not",
                        EINVAL,
                        f -> queue(f, 1, 2, RAM_BASE, PAGE)),
                rule(
                        "HW_QUEUE_ALLOC of index 1 before 0",
                        EIO,
                        f -> queue(f, 1, 1, RAM_BASE, PAGE)));
    }

    @ParameterizedTest
    @MethodSource("queues")
    void eachDocumentedErrnoHasACaseThatProducesIt(ErrnoCase c) {
        c.check();
    }
}
