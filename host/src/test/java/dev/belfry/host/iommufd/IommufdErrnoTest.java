package dev.belfry.host.iommufd;

import static dev.belfry.host.HostFixture.FIXED;
import static dev.belfry.host.HostFixture.GPU;
import static dev.belfry.host.HostFixture.NIC;
import static dev.belfry.host.HostFixture.OTHER;
import static dev.belfry.host.HostFixture.RAM_BASE;
import static dev.belfry.host.HostFixture.RAM_SIZE;
import static dev.belfry.host.HostFixture.RW;
import static dev.belfry.host.HostFixture.devId;
import static dev.belfry.host.uapi.Errno.E2BIG;
import static dev.belfry.host.uapi.Errno.EADDRINUSE;
import static dev.belfry.host.uapi.Errno.EBUSY;
import static dev.belfry.host.uapi.Errno.EEXIST;
import static dev.belfry.host.uapi.Errno.EFAULT;
import static dev.belfry.host.uapi.Errno.EINVAL;
import static dev.belfry.host.uapi.Errno.EIO;
import static dev.belfry.host.uapi.Errno.ENOENT;
import static dev.belfry.host.uapi.Errno.ENOSPC;
import static dev.belfry.host.uapi.Errno.EOPNOTSUPP;
import static dev.belfry.host.uapi.Errno.EOVERFLOW;
import static dev.belfry.host.uapi.Errno.EPERM;
import static dev.belfry.host.uapi.Errno.ESPIPE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.host.HostFixture;
import dev.belfry.host.memory.UserVa;
import dev.belfry.host.uapi.Errno;
import dev.belfry.host.uapi.Result;
import dev.belfry.host.vfio.VfioDevice;
import dev.belfry.model.address.Iova;
import dev.belfry.model.journey.Bytes;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// One case for each errno that the kernel's documentation and source name.
class IommufdErrnoTest {

    record Case(String rule, Errno errno, Function<HostFixture, Result<?>> call) {
        @Override
        public String toString() {
            return errno + ": " + rule;
        }
    }

    private static Case of(String rule, Errno errno, Function<HostFixture, Result<?>> call) {
        return new Case(rule, errno, call);
    }

    private static final long PAGE = 4096;

    private static Result<?> map(HostFixture f, int flags, long va, long length, long iova) {
        int ioas = f.iommufd.ioasAlloc(0).orThrow();
        return map(f, ioas, flags, va, length, iova);
    }

    private static Result<?> map(
            HostFixture f, int ioas, int flags, long va, long length, long iova) {
        return f.iommufd.ioasMap(
                ioas, flags, new UserVa(f.ram.value() + va), length, new Iova(iova));
    }

    /// An IOAS that a HWPT follows, so that its pages and addresses count.
    private static int followed(HostFixture f) {
        VfioDevice gpu = f.bind(GPU);
        int ioas = f.iommufd.ioasAlloc(0).orThrow();
        f.iommufd.hwptAlloc(HwptAlloc.paging(0, devId(gpu), ioas)).orThrow();
        return ioas;
    }

    static List<Case> ioas() {
        return List.of(
                of("flags of IOAS_ALLOC must be 0", EOPNOTSUPP, f -> f.iommufd.ioasAlloc(1)),
                of("unknown MAP flags", EOPNOTSUPP, f -> map(f, 8 | RW, 0, PAGE, 0)),
                of("MAP neither readable nor writeable", EINVAL, f -> map(f, 1, 0, PAGE, 0)),
                of("MAP of an unknown IOAS", ENOENT, f -> map(f, 77, FIXED, 0, PAGE, 0)),
                of("MAP length U64_MAX", EOVERFLOW, f -> map(f, FIXED, 0, -1, 0)),
                of("MAP that wraps", EOVERFLOW, f -> map(f, FIXED, 0, 2 * PAGE, -PAGE)),
                of("MAP length 0", EINVAL, f -> map(f, FIXED, 0, 0, 0)),
                of(
                        "MAP at a misaligned IOVA",
                        EINVAL,
                        f -> map(f, followed(f), FIXED, 0, PAGE, 0x10)),
                of(
                        "MAP of a misaligned length",
                        EINVAL,
                        f -> map(f, followed(f), FIXED, 0, PAGE + 1, 0)),
                of(
                        "MAP over a mapping",
                        EEXIST,
                        f -> map(f, f.ioasWithRam(), FIXED, 0, PAGE, RAM_BASE)),
                of(
                        "MAP over the doorbell window of an attached device",
                        EINVAL,
                        f -> {
                            int ioas = f.ioasWithRam();
                            f.bind(GPU).attach(0, ioas).orThrow();
                            return map(f, ioas, FIXED, 0, PAGE, 0x0800_0000);
                        }),
                of(
                        "MAP beyond the domain's aperture",
                        EINVAL,
                        f -> map(f, followed(f), FIXED, 0, PAGE, 1L << 48)),
                of(
                        "MAP of memory that is not mapped, into a domain",
                        EFAULT,
                        f -> map(f, followed(f), FIXED, RAM_SIZE, PAGE, 0)),
                of(
                        "writable MAP of read-only memory, into a domain",
                        EFAULT,
                        f -> {
                            long va = f.process.mapReadOnly(PAGE).orThrow().value();
                            return map(f, followed(f), FIXED, va - f.ram.value(), PAGE, 0);
                        }),
                of(
                        "MAP where no allowed range is large enough",
                        ENOSPC,
                        f -> {
                            int ioas = f.iommufd.ioasAlloc(0).orThrow();
                            f.iommufd
                                    .ioasAllowIovas(ioas, List.of(new IovaRange(0x10000, 0x10fff)))
                                    .orThrow();
                            return map(f, ioas, RW, 0, 2 * PAGE, 0);
                        }),
                of(
                        "UNMAP of a part of a mapping",
                        ENOENT,
                        f -> f.iommufd.ioasUnmap(f.ioasWithRam(), new Iova(RAM_BASE), PAGE)),
                of(
                        "UNMAP where nothing is",
                        ENOENT,
                        f -> f.iommufd.ioasUnmap(f.ioasWithRam(), new Iova(0), PAGE)),
                of(
                        "UNMAP length 0",
                        EINVAL,
                        f -> f.iommufd.ioasUnmap(f.ioasWithRam(), new Iova(0), 0)),
                of(
                        "UNMAP that wraps",
                        EOVERFLOW,
                        f -> f.iommufd.ioasUnmap(f.ioasWithRam(), new Iova(-PAGE), 2 * PAGE)),
                of(
                        "writable COPY of a read-only mapping",
                        EPERM,
                        f -> {
                            int src = f.iommufd.ioasAlloc(0).orThrow();
                            map(f, src, MapFlags.READABLE | 1, 0, PAGE, 0).orThrow();
                            int dst = f.iommufd.ioasAlloc(0).orThrow();
                            return f.iommufd.ioasCopy(
                                    dst, src, FIXED, PAGE, new Iova(0), new Iova(0));
                        }),
                of(
                        "COPY of what is not mapped",
                        ENOENT,
                        f -> {
                            int src = f.ioasWithRam();
                            return f.iommufd.ioasCopy(
                                    src, src, FIXED, PAGE, new Iova(0), new Iova(0));
                        }),
                of(
                        "ALLOW_IOVAS over a reserved range",
                        EADDRINUSE,
                        f -> {
                            int ioas = f.ioasWithRam();
                            f.bind(GPU).attach(0, ioas).orThrow();
                            return f.iommufd.ioasAllowIovas(
                                    ioas, List.of(new IovaRange(0x0800_0000, 0x0800_0fff)));
                        }),
                of(
                        "ALLOW_IOVAS of ranges that overlap",
                        EINVAL,
                        f ->
                                f.iommufd.ioasAllowIovas(
                                        f.ioasWithRam(),
                                        List.of(new IovaRange(0, 9), new IovaRange(9, 10)))),
                of("unknown OPTION", EOPNOTSUPP, f -> f.iommufd.option(2, 0, 0, 0)),
                of(
                        "RLIMIT_MODE while an object exists",
                        EBUSY,
                        f -> {
                            f.iommufd.ioasAlloc(0).orThrow();
                            return f.iommufd.option(0, 0, 0, 1);
                        }),
                of(
                        "HUGE_PAGES off with pages in a domain",
                        EINVAL,
                        f -> {
                            int ioas = f.ioasWithRam();
                            f.bind(GPU).attach(0, ioas).orThrow();
                            return f.iommufd.option(1, 0, ioas, 0);
                        }));
    }

    private static Result<?> hwpt(HostFixture f, HwptAlloc a) {
        return f.iommufd.hwptAlloc(a);
    }

    static List<Case> hwpts() {
        return List.of(
                of(
                        "HWPT_ALLOC with data but data_type NONE",
                        EINVAL,
                        f -> hwpt(f, new HwptAlloc(0, 1, 1, new HwptData(0, Bytes.ofWords(1)), 0))),
                of(
                        "HWPT_ALLOC with a data_type but no data",
                        EINVAL,
                        f -> hwpt(f, new HwptAlloc(0, 1, 1, new HwptData(2, Bytes.NONE), 0))),
                of(
                        "HWPT_ALLOC for an unknown device",
                        ENOENT,
                        f -> hwpt(f, HwptAlloc.paging(0, 77, f.ioasWithRam()))),
                of(
                        "HWPT_ALLOC of an unknown pt_id is EINVAL, not ENOENT",
                        EINVAL,
                        f -> hwpt(f, HwptAlloc.paging(0, devId(f.bind(GPU)), 77))),
                of(
                        "HWPT_ALLOC of a pt_id of another kind",
                        EINVAL,
                        f -> {
                            int dev = devId(f.bind(GPU));
                            return hwpt(f, HwptAlloc.paging(0, dev, dev));
                        }),
                of(
                        "HWPT_ALLOC with unknown flags",
                        EOPNOTSUPP,
                        f -> hwpt(f, HwptAlloc.paging(16, devId(f.bind(GPU)), f.ioasWithRam()))),
                of(
                        "HWPT_ALLOC where RAM is not aligned to the IOMMU's pages",
                        EADDRINUSE,
                        f -> {
                            int ioas = f.iommufd.ioasAlloc(0).orThrow();
                            map(f, ioas, FIXED, 0, 0x200, 0x100).orThrow();
                            return hwpt(f, HwptAlloc.paging(0, devId(f.bind(GPU)), ioas));
                        }),
                of(
                        "HWPT_ALLOC replays what cannot be pinned",
                        EFAULT,
                        f -> {
                            int ioas = f.iommufd.ioasAlloc(0).orThrow();
                            map(f, ioas, FIXED, RAM_SIZE, PAGE, 0).orThrow();
                            return hwpt(f, HwptAlloc.paging(0, devId(f.bind(GPU)), ioas));
                        }),
                of(
                        "HWPT_ALLOC with an unknown fault queue",
                        ENOENT,
                        f ->
                                hwpt(
                                        f,
                                        new HwptAlloc(
                                                HwptAlloc.FAULT_ID_VALID,
                                                devId(f.bind(GPU)),
                                                f.ioasWithRam(),
                                                HwptData.NONE,
                                                77))),
                of(
                        "nested HWPT_ALLOC from a paging HWPT directly",
                        EOPNOTSUPP,
                        f -> {
                            VfioDevice gpu = f.bind(GPU);
                            int parent = f.nestParent(gpu, f.ioasWithRam());
                            return hwpt(f, HwptAlloc.nested(devId(gpu), parent, 1, 0));
                        }),
                of(
                        "nested HWPT_ALLOC from a HWPT that is no parent",
                        EINVAL,
                        f -> {
                            VfioDevice gpu = f.bind(GPU);
                            int auto = gpu.attach(0, f.ioasWithRam()).orThrow();
                            return hwpt(f, HwptAlloc.nested(devId(gpu), auto, 1, 0));
                        }),
                of(
                        "nested HWPT_ALLOC for a device behind another SMMU",
                        EINVAL,
                        f -> {
                            int viommu = f.viommu(f.bind(GPU));
                            return hwpt(f, HwptAlloc.nested(devId(f.bind(OTHER)), viommu, 1, 0));
                        }),
                of(
                        "nested HWPT_ALLOC with NEST_PARENT",
                        EOPNOTSUPP,
                        f -> {
                            VfioDevice gpu = f.bind(GPU);
                            int viommu = f.viommu(gpu);
                            return hwpt(
                                    f,
                                    new HwptAlloc(
                                            HwptAlloc.NEST_PARENT,
                                            devId(gpu),
                                            viommu,
                                            HwptData.armSmmuV3(1, 0),
                                            0));
                        }),
                of(
                        "nested HWPT_ALLOC with another data_type",
                        EINVAL,
                        f -> {
                            VfioDevice gpu = f.bind(GPU);
                            HwptData data = new HwptData(1, Bytes.ofWords(1, 0));
                            return hwpt(f, new HwptAlloc(0, devId(gpu), f.viommu(gpu), data, 0));
                        }),
                of(
                        "nested HWPT_ALLOC with short data",
                        EINVAL,
                        f -> {
                            VfioDevice gpu = f.bind(GPU);
                            HwptData data = new HwptData(2, Bytes.ofWords(1));
                            return hwpt(f, new HwptAlloc(0, devId(gpu), f.viommu(gpu), data, 0));
                        }),
                of(
                        "nested HWPT_ALLOC with a longer structure whose tail is not zero",
                        E2BIG,
                        f -> {
                            VfioDevice gpu = f.bind(GPU);
                            HwptData data = new HwptData(2, Bytes.ofWords(1, 0, 1));
                            return hwpt(f, new HwptAlloc(0, devId(gpu), f.viommu(gpu), data, 0));
                        }),
                of(
                        "nested HWPT_ALLOC of an STE that is not allowed",
                        EIO,
                        f -> {
                            VfioDevice gpu = f.bind(GPU);
                            return hwpt(f, HwptAlloc.nested(devId(gpu), f.viommu(gpu), 0xf, 0));
                        }),
                of("GET_HW_INFO of an unknown device", ENOENT, f -> f.iommufd.getHwInfo(0, 77, 0)),
                of(
                        "GET_HW_INFO with unknown flags",
                        EOPNOTSUPP,
                        f -> f.iommufd.getHwInfo(2, devId(f.bind(GPU)), 0)));
    }

    static List<Case> viommus() {
        return List.of(
                of("VIOMMU_ALLOC with flags", EOPNOTSUPP, f -> f.iommufd.viommuAlloc(1, 1, 77, 77)),
                of(
                        "VIOMMU_ALLOC of the default type",
                        EOPNOTSUPP,
                        f -> f.iommufd.viommuAlloc(0, 0, 77, 77)),
                of(
                        "VIOMMU_ALLOC for an unknown device",
                        ENOENT,
                        f -> f.iommufd.viommuAlloc(0, 1, 77, 77)),
                of(
                        "VIOMMU_ALLOC of a type that the driver has not",
                        EOPNOTSUPP,
                        f -> f.iommufd.viommuAlloc(0, 2, devId(f.bind(GPU)), 77)),
                of(
                        "VIOMMU_ALLOC over something that is no paging HWPT",
                        ENOENT,
                        f -> f.iommufd.viommuAlloc(0, 1, devId(f.bind(GPU)), f.ioasWithRam())),
                of(
                        "VIOMMU_ALLOC over a HWPT that is no nest parent",
                        EINVAL,
                        f -> {
                            VfioDevice gpu = f.bind(GPU);
                            int plain = gpu.attach(0, f.ioasWithRam()).orThrow();
                            return f.iommufd.viommuAlloc(0, 1, devId(gpu), plain);
                        }),
                of(
                        "VIOMMU_ALLOC over a parent of another SMMU",
                        EINVAL,
                        f -> {
                            int parent = f.nestParent(f.bind(GPU), f.ioasWithRam());
                            return f.iommufd.viommuAlloc(0, 1, devId(f.bind(OTHER)), parent);
                        }),
                of(
                        "VDEVICE_ALLOC of an unknown vIOMMU",
                        ENOENT,
                        f -> f.iommufd.vdeviceAlloc(77, devId(f.bind(GPU)), 8)),
                of(
                        "VDEVICE_ALLOC for a device behind another SMMU",
                        EINVAL,
                        f ->
                                f.iommufd.vdeviceAlloc(
                                        f.viommu(f.bind(GPU)), devId(f.bind(OTHER)), 8)),
                of(
                        "a second VDEVICE_ALLOC for a device",
                        EEXIST,
                        f -> {
                            VfioDevice gpu = f.bind(GPU);
                            int viommu = f.viommu(gpu);
                            f.iommufd.vdeviceAlloc(viommu, devId(gpu), 8).orThrow();
                            return f.iommufd.vdeviceAlloc(viommu, devId(gpu), 9);
                        }),
                of(
                        "VDEVICE_ALLOC of a virtual id that is taken",
                        EEXIST,
                        f -> {
                            VfioDevice gpu = f.bind(GPU);
                            int viommu = f.viommu(gpu);
                            f.iommufd.vdeviceAlloc(viommu, devId(gpu), 8).orThrow();
                            return f.iommufd.vdeviceAlloc(viommu, devId(f.bind(NIC)), 8);
                        }),
                of(
                        "VEVENTQ_ALLOC of the default type",
                        EOPNOTSUPP,
                        f -> f.iommufd.veventqAlloc(0, f.viommu(f.bind(GPU)), 0, 8)),
                of(
                        "VEVENTQ_ALLOC of depth 0",
                        EINVAL,
                        f -> f.iommufd.veventqAlloc(0, f.viommu(f.bind(GPU)), 1, 0)),
                of(
                        "VEVENTQ_ALLOC of an unknown vIOMMU",
                        ENOENT,
                        f -> f.iommufd.veventqAlloc(0, 77, 1, 8)),
                of(
                        "a second VEVENTQ_ALLOC of a type",
                        EEXIST,
                        f -> {
                            int viommu = f.viommu(f.bind(GPU));
                            f.iommufd.veventqAlloc(0, viommu, 1, 8).orThrow();
                            return f.iommufd.veventqAlloc(0, viommu, 1, 8);
                        }),
                of(
                        "a read of a vEVENTQ at an offset",
                        ESPIPE,
                        f ->
                                f.iommufd
                                        .veventqAlloc(0, f.viommu(f.bind(GPU)), 1, 8)
                                        .orThrow()
                                        .read(64, 1)),
                of("FAULT_QUEUE_ALLOC with flags", EOPNOTSUPP, f -> f.iommufd.faultQueueAlloc(1)));
    }

    static List<Case> attaching() {
        return List.of(
                of("DESTROY of an unknown id", ENOENT, f -> f.iommufd.destroy(1)),
                of(
                        "DESTROY of what others use",
                        EBUSY,
                        f -> {
                            int ioas = f.ioasWithRam();
                            f.nestParent(f.bind(GPU), ioas);
                            return f.iommufd.destroy(ioas);
                        }),
                of("DESTROY of a device", EBUSY, f -> f.iommufd.destroy(devId(f.bind(GPU)))),
                of("ATTACH of an unknown id", ENOENT, f -> f.bind(GPU).attach(0, 77)),
                of(
                        "ATTACH of a vIOMMU",
                        EINVAL,
                        f -> {
                            VfioDevice gpu = f.bind(GPU);
                            return gpu.attach(0, f.viommu(gpu));
                        }),
                of(
                        "ATTACH where RAM lies over the doorbell window",
                        EADDRINUSE,
                        f -> {
                            int ioas = f.iommufd.ioasAlloc(0).orThrow();
                            map(f, ioas, FIXED, 0, PAGE, 0x0800_0000).orThrow();
                            return f.bind(GPU).attach(0, ioas);
                        }),
                of(
                        "ATTACH of a HWPT that was made for another SMMU",
                        EINVAL,
                        f -> {
                            int parent = f.nestParent(f.bind(GPU), f.ioasWithRam());
                            return f.bind(OTHER).attach(0, parent);
                        }),
                of(
                        "ATTACH of a stage 1 HWPT without a vDEVICE",
                        ENOENT,
                        f -> {
                            VfioDevice gpu = f.bind(GPU);
                            return gpu.attach(0, f.nested(gpu, f.viommu(gpu), 0xb, 0));
                        }),
                of(
                        "BIND while another owns the group's DMA",
                        EBUSY,
                        f -> {
                            f.bind(GPU);
                            return new HostFixture.SecondProcess(f).bind(GPU);
                        }));
    }

    @ParameterizedTest
    @MethodSource({"ioas", "hwpts", "viommus", "attaching"})
    void eachDocumentedErrnoHasACaseThatProducesIt(Case c) {
        Result<?> result = c.call().apply(new HostFixture());
        assertThat(result).isInstanceOf(Result.Err.class);
        assertThat(((Result.Err<?>) result).errno()).isEqualTo(c.errno());
        assertThat(((Result.Err<?>) result).why()).isNotBlank();
    }
}
