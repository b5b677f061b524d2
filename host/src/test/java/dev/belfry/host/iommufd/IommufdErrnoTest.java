package dev.belfry.host.iommufd;

import static dev.belfry.host.HostFixture.FIXED;
import static dev.belfry.host.HostFixture.GPU;
import static dev.belfry.host.HostFixture.NIC;
import static dev.belfry.host.HostFixture.OTHER;
import static dev.belfry.host.HostFixture.RAM_SIZE;
import static dev.belfry.host.HostFixture.devId;
import static dev.belfry.host.iommufd.ErrnoCase.PAGE;
import static dev.belfry.host.iommufd.ErrnoCase.map;
import static dev.belfry.host.iommufd.ErrnoCase.rule;
import static dev.belfry.host.uapi.Errno.EADDRINUSE;
import static dev.belfry.host.uapi.Errno.EBUSY;
import static dev.belfry.host.uapi.Errno.EEXIST;
import static dev.belfry.host.uapi.Errno.EFAULT;
import static dev.belfry.host.uapi.Errno.EINVAL;
import static dev.belfry.host.uapi.Errno.EIO;
import static dev.belfry.host.uapi.Errno.ENOENT;
import static dev.belfry.host.uapi.Errno.ENOSPC;
import static dev.belfry.host.uapi.Errno.EOPNOTSUPP;
import static dev.belfry.host.uapi.Errno.EPERM;
import static dev.belfry.host.uapi.Errno.ESPIPE;

import dev.belfry.host.HostFixture;
import dev.belfry.host.uapi.Result;
import dev.belfry.host.vfio.VfioDevice;
import dev.belfry.model.journey.Bytes;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// One case for each errno that the kernel's documentation and source name.
class IommufdErrnoTest {

    private static Result<?> hwpt(HostFixture f, HwptAlloc a) {
        return f.iommufd.hwptAlloc(a);
    }

    static List<ErrnoCase> hwpts() {
        return List.of(
                rule(
                        "HWPT_ALLOC with data but data_type NONE",
                        EINVAL,
                        f -> hwpt(f, new HwptAlloc(0, 1, 1, new HwptData(0, Bytes.ofWords(1)), 0))),
                rule(
                        "HWPT_ALLOC with a data_type but no data",
                        EINVAL,
                        f -> hwpt(f, new HwptAlloc(0, 1, 1, new HwptData(2, Bytes.NONE), 0))),
                rule(
                        "HWPT_ALLOC for an unknown device",
                        ENOENT,
                        f -> hwpt(f, HwptAlloc.paging(0, 77, f.ioasWithRam()))),
                rule(
                        "HWPT_ALLOC of an unknown pt_id is EINVAL, not ENOENT",
                        EINVAL,
                        f -> hwpt(f, HwptAlloc.paging(0, devId(f.bind(GPU)), 77))),
                rule(
                        "HWPT_ALLOC of a pt_id of another kind",
                        EINVAL,
                        f -> {
                            int dev = devId(f.bind(GPU));
                            return hwpt(f, HwptAlloc.paging(0, dev, dev));
                        }),
                rule(
                        "HWPT_ALLOC with unknown flags",
                        EOPNOTSUPP,
                        f -> hwpt(f, HwptAlloc.paging(16, devId(f.bind(GPU)), f.ioasWithRam()))),
                rule(
                        "HWPT_ALLOC where RAM is not aligned to the IOMMU's pages",
                        EADDRINUSE,
                        f -> {
                            int ioas = f.iommufd.ioasAlloc(0).orThrow();
                            map(f, ioas, FIXED, 0, 0x200, 0x100).orThrow();
                            return hwpt(f, HwptAlloc.paging(0, devId(f.bind(GPU)), ioas));
                        }),
                rule(
                        "HWPT_ALLOC replays what cannot be pinned",
                        EFAULT,
                        f -> {
                            int ioas = f.iommufd.ioasAlloc(0).orThrow();
                            map(f, ioas, FIXED, RAM_SIZE, PAGE, 0).orThrow();
                            return hwpt(f, HwptAlloc.paging(0, devId(f.bind(GPU)), ioas));
                        }),
                rule(
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
                rule(
                        "nested HWPT_ALLOC from a paging HWPT directly",
                        EOPNOTSUPP,
                        f -> {
                            VfioDevice gpu = f.bind(GPU);
                            int parent = f.nestParent(gpu, f.ioasWithRam());
                            return hwpt(f, HwptAlloc.nested(devId(gpu), parent, 1, 0));
                        }),
                rule(
                        "nested HWPT_ALLOC from a HWPT that is no parent",
                        EOPNOTSUPP,
                        f -> {
                            VfioDevice gpu = f.bind(GPU);
                            int auto = gpu.attach(0, f.ioasWithRam()).orThrow();
                            return hwpt(f, HwptAlloc.nested(devId(gpu), auto, 1, 0));
                        }),
                rule(
                        "nested HWPT_ALLOC for a device behind another SMMU",
                        EINVAL,
                        f -> {
                            int viommu = f.viommu(f.bind(GPU));
                            return hwpt(f, HwptAlloc.nested(devId(f.bind(OTHER)), viommu, 1, 0));
                        }),
                rule(
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
                rule(
                        "nested HWPT_ALLOC with another data_type",
                        EINVAL,
                        f -> {
                            VfioDevice gpu = f.bind(GPU);
                            HwptData data = new HwptData(1, Bytes.ofWords(1, 0));
                            return hwpt(f, new HwptAlloc(0, devId(gpu), f.viommu(gpu), data, 0));
                        }),
                rule(
                        "nested HWPT_ALLOC with short data",
                        EINVAL,
                        f -> {
                            VfioDevice gpu = f.bind(GPU);
                            HwptData data = new HwptData(2, Bytes.ofWords(1));
                            return hwpt(f, new HwptAlloc(0, devId(gpu), f.viommu(gpu), data, 0));
                        }),
                rule(
                        "nested HWPT_ALLOC with a longer structure",
                        EINVAL,
                        f -> {
                            VfioDevice gpu = f.bind(GPU);
                            HwptData data = new HwptData(2, Bytes.ofWords(1, 0, 1));
                            return hwpt(f, new HwptAlloc(0, devId(gpu), f.viommu(gpu), data, 0));
                        }),
                rule(
                        "nested HWPT_ALLOC of an STE that is not allowed",
                        EIO,
                        f -> {
                            VfioDevice gpu = f.bind(GPU);
                            return hwpt(f, HwptAlloc.nested(devId(gpu), f.viommu(gpu), 0xf, 0));
                        }),
                rule(
                        "GET_HW_INFO of an unknown device",
                        ENOENT,
                        f -> f.iommufd.getHwInfo(0, 77, 0)),
                rule(
                        "GET_HW_INFO with unknown flags",
                        EOPNOTSUPP,
                        f -> f.iommufd.getHwInfo(2, devId(f.bind(GPU)), 0)));
    }

    static List<ErrnoCase> viommus() {
        return List.of(
                rule(
                        "VIOMMU_ALLOC with flags",
                        EOPNOTSUPP,
                        f -> f.iommufd.viommuAlloc(1, 1, 77, 77)),
                rule(
                        "VIOMMU_ALLOC of the default type",
                        EOPNOTSUPP,
                        f -> f.iommufd.viommuAlloc(0, 0, 77, 77)),
                rule(
                        "VIOMMU_ALLOC for an unknown device",
                        ENOENT,
                        f -> f.iommufd.viommuAlloc(0, 1, 77, 77)),
                rule(
                        "VIOMMU_ALLOC of a type that the driver has not",
                        EOPNOTSUPP,
                        f -> f.iommufd.viommuAlloc(0, 3, devId(f.bind(GPU)), 77)),
                rule(
                        "VIOMMU_ALLOC of a CMDQ-V without data",
                        EINVAL,
                        f -> {
                            VfioDevice gpu = f.bind(GPU);
                            int parent = f.nestParent(gpu, f.ioasWithRam());
                            return f.iommufd.viommuAlloc(0, 2, devId(gpu), parent);
                        }),
                rule(
                        "VIOMMU_ALLOC with more data than the structure has",
                        EINVAL,
                        f -> {
                            VfioDevice gpu = f.bind(GPU);
                            int parent = f.nestParent(gpu, f.ioasWithRam());
                            Bytes data = Bytes.ofWords(0, 0, 1);
                            return f.iommufd.viommuAlloc(0, 2, devId(gpu), parent, data);
                        }),
                rule(
                        "VIOMMU_ALLOC when the CMDQ-V has no interface left",
                        ENOSPC,
                        f -> {
                            VfioDevice gpu = f.bind(GPU);
                            int parent = f.nestParent(gpu, f.ioasWithRam());
                            Bytes data = Bytes.ofWords(0, 0);
                            for (int i = 1; i < 64; i++) {
                                f.iommufd.viommuAlloc(0, 2, devId(gpu), parent, data).orThrow();
                            }
                            return f.iommufd.viommuAlloc(0, 2, devId(gpu), parent, data);
                        }),
                rule(
                        "VIOMMU_ALLOC over something that is no paging HWPT",
                        ENOENT,
                        f -> f.iommufd.viommuAlloc(0, 1, devId(f.bind(GPU)), f.ioasWithRam())),
                rule(
                        "VIOMMU_ALLOC over a HWPT that is no nest parent",
                        EINVAL,
                        f -> {
                            VfioDevice gpu = f.bind(GPU);
                            int plain = gpu.attach(0, f.ioasWithRam()).orThrow();
                            return f.iommufd.viommuAlloc(0, 1, devId(gpu), plain);
                        }),
                rule(
                        "VIOMMU_ALLOC over a parent of another SMMU",
                        EINVAL,
                        f -> {
                            int parent = f.nestParent(f.bind(GPU), f.ioasWithRam());
                            return f.iommufd.viommuAlloc(0, 1, devId(f.bind(OTHER)), parent);
                        }),
                rule(
                        "VDEVICE_ALLOC of an unknown vIOMMU",
                        ENOENT,
                        f -> f.iommufd.vdeviceAlloc(77, devId(f.bind(GPU)), 8)),
                rule(
                        "VDEVICE_ALLOC for a device behind another SMMU",
                        EINVAL,
                        f ->
                                f.iommufd.vdeviceAlloc(
                                        f.viommu(f.bind(GPU)), devId(f.bind(OTHER)), 8)),
                rule(
                        "a second VDEVICE_ALLOC for a device",
                        EEXIST,
                        f -> {
                            VfioDevice gpu = f.bind(GPU);
                            int viommu = f.viommu(gpu);
                            f.iommufd.vdeviceAlloc(viommu, devId(gpu), 8).orThrow();
                            return f.iommufd.vdeviceAlloc(viommu, devId(gpu), 9);
                        }),
                rule(
                        "VDEVICE_ALLOC of a virtual id that is taken",
                        EEXIST,
                        f -> {
                            VfioDevice gpu = f.bind(GPU);
                            int viommu = f.viommu(gpu);
                            f.iommufd.vdeviceAlloc(viommu, devId(gpu), 8).orThrow();
                            return f.iommufd.vdeviceAlloc(viommu, devId(f.bind(NIC)), 8);
                        }),
                rule(
                        "VEVENTQ_ALLOC of the default type",
                        EOPNOTSUPP,
                        f -> f.iommufd.veventqAlloc(0, f.viommu(f.bind(GPU)), 0, 8)),
                rule(
                        "VEVENTQ_ALLOC of depth 0",
                        EINVAL,
                        f -> f.iommufd.veventqAlloc(0, f.viommu(f.bind(GPU)), 1, 0)),
                rule(
                        "VEVENTQ_ALLOC of an unknown vIOMMU",
                        ENOENT,
                        f -> f.iommufd.veventqAlloc(0, 77, 1, 8)),
                rule(
                        "a second VEVENTQ_ALLOC of a type",
                        EEXIST,
                        f -> {
                            int viommu = f.viommu(f.bind(GPU));
                            f.iommufd.veventqAlloc(0, viommu, 1, 8).orThrow();
                            return f.iommufd.veventqAlloc(0, viommu, 1, 8);
                        }),
                rule(
                        "a read of a vEVENTQ at an offset",
                        ESPIPE,
                        f ->
                                f.iommufd
                                        .veventqAlloc(0, f.viommu(f.bind(GPU)), 1, 8)
                                        .orThrow()
                                        .read(64, 1)),
                rule(
                        "FAULT_QUEUE_ALLOC with flags",
                        EOPNOTSUPP,
                        f -> f.iommufd.faultQueueAlloc(1)));
    }

    static List<ErrnoCase> attaching() {
        return List.of(
                rule("DESTROY of an unknown id", ENOENT, f -> f.iommufd.destroy(1)),
                rule(
                        "DESTROY of what others use",
                        EBUSY,
                        f -> {
                            int ioas = f.ioasWithRam();
                            f.nestParent(f.bind(GPU), ioas);
                            return f.iommufd.destroy(ioas);
                        }),
                rule("DESTROY of a device", EBUSY, f -> f.iommufd.destroy(devId(f.bind(GPU)))),
                rule("ATTACH of an unknown id", ENOENT, f -> f.bind(GPU).attach(0, 77)),
                rule(
                        "ATTACH of a vIOMMU",
                        EINVAL,
                        f -> {
                            VfioDevice gpu = f.bind(GPU);
                            return gpu.attach(0, f.viommu(gpu));
                        }),
                rule(
                        "ATTACH where RAM lies over the doorbell window",
                        EADDRINUSE,
                        f -> {
                            int ioas = f.iommufd.ioasAlloc(0).orThrow();
                            map(f, ioas, FIXED, 0, PAGE, 0x0800_0000).orThrow();
                            return f.bind(GPU).attach(0, ioas);
                        }),
                rule(
                        "ATTACH of a HWPT that was made for another SMMU",
                        EINVAL,
                        f -> {
                            int parent = f.nestParent(f.bind(GPU), f.ioasWithRam());
                            return f.bind(OTHER).attach(0, parent);
                        }),
                rule(
                        "ATTACH of a stage 1 HWPT without a vDEVICE",
                        ENOENT,
                        f -> {
                            VfioDevice gpu = f.bind(GPU);
                            return gpu.attach(0, f.nested(gpu, f.viommu(gpu), 0xb, 0));
                        }),
                rule(
                        "BIND while another owns the group's DMA",
                        EPERM,
                        f -> {
                            f.bind(GPU);
                            return new HostFixture.SecondProcess(f).bind(GPU);
                        }));
    }

    @ParameterizedTest
    @MethodSource({"hwpts", "viommus", "attaching"})
    void eachDocumentedErrnoHasACaseThatProducesIt(ErrnoCase c) {
        c.check();
    }
}
