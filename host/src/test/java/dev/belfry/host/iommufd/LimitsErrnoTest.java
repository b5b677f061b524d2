package dev.belfry.host.iommufd;

import static dev.belfry.host.HostFixture.GPU;
import static dev.belfry.host.HostFixture.NIC;
import static dev.belfry.host.HostFixture.RAM_SIZE;
import static dev.belfry.host.HostFixture.devId;
import static dev.belfry.host.HostFixture.errno;
import static dev.belfry.host.iommufd.ErrnoCase.PAGE;
import static dev.belfry.host.iommufd.ErrnoCase.rule;
import static dev.belfry.host.uapi.Errno.EADDRINUSE;
import static dev.belfry.host.uapi.Errno.EBUSY;
import static dev.belfry.host.uapi.Errno.EFAULT;
import static dev.belfry.host.uapi.Errno.EINVAL;
import static dev.belfry.host.uapi.Errno.ENOENT;
import static dev.belfry.host.uapi.Errno.ENOMEM;
import static dev.belfry.host.uapi.Errno.ENOSPC;
import static dev.belfry.host.uapi.Errno.EOPNOTSUPP;
import static dev.belfry.host.uapi.Errno.EPERM;
import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.host.HostFixture;
import dev.belfry.host.description.DeviceDescription;
import dev.belfry.host.description.HostDescription;
import dev.belfry.host.memory.MemFile;
import dev.belfry.host.memory.UserMemory;
import dev.belfry.host.memory.UserVa;
import dev.belfry.host.uapi.IoctlFilter;
import dev.belfry.host.uapi.Result;
import dev.belfry.host.vfio.VfioDevice;
import dev.belfry.model.address.Iova;
import dev.belfry.model.smmu.SmmuIdentity;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// What a process, a device, an SMMU have not enough of, may not do, or do not answer in time.
class LimitsErrnoTest {

    private static final int MMU_700 = 0x4870_043b;

    private static SmmuIdentity mmu700(SmmuIdentity i) {
        return new SmmuIdentity(
                "mmu-700", i.idr0(), i.idr1(), i.idr2(), i.idr3(), i.idr4(), i.idr5(), MMU_700,
                i.aidr());
    }

    /// 8-bit ASIDs and VMIDs: IDR0.ASID16 (12) and VMID16 (18) are 0.
    private static SmmuIdentity smallIds(SmmuIdentity i) {
        int idr0 = i.idr0() & ~(1 << 12 | 1 << 18);
        return new SmmuIdentity(
                "small", idr0, i.idr1(), i.idr2(), i.idr3(), i.idr4(), i.idr5(), i.iidr(),
                i.aidr());
    }

    private static HostFixture devices(UnaryOperator<DeviceDescription> change) {
        HostDescription host = HostFixture.standard();
        return new HostFixture(host.withDevices(host.devices().stream().map(change).toList()));
    }

    private static DeviceDescription shared(
            DeviceDescription d, boolean isolated, boolean coherent) {
        int group = d.smmu().equals("smmu0") ? 1 : 2;
        return LifeCycleTest.with(d, group, isolated, coherent);
    }

    /// All HWPTs that there are ids for, and one more.
    private static Result<?> oneTooMany(int flags) {
        HostFixture f = new HostFixture(HostFixture.with(LimitsErrnoTest::smallIds));
        int dev = devId(f.bind(GPU));
        int ioas = f.iommufd.ioasAlloc(0).orThrow();
        for (int i = 1; i < 256; i++) {
            f.iommufd.hwptAlloc(HwptAlloc.paging(flags, dev, ioas)).orThrow();
        }
        return f.iommufd.hwptAlloc(HwptAlloc.paging(flags, dev, ioas));
    }

    private static Result<?> limited(
            HostFixture f, BiFunction<HostFixture, Integer, Result<?>> call) {
        f.process.limit(new UserMemory.Limits(RAM_SIZE - PAGE, false, false));
        return call.apply(f, f.iommufd.ioasAlloc(0).orThrow());
    }

    static List<ErrnoCase> limits() {
        return List.of(
                rule(
                        "RLIMIT_MODE without CAP_SYS_RESOURCE",
                        EPERM,
                        f -> {
                            f.process.limit(new UserMemory.Limits(Long.MAX_VALUE, false, false));
                            return f.kernel
                                    .openIommu(f.process, IoctlFilter.NONE)
                                    .option(0, 0, 0, 1);
                        }),
                rule(
                        "MAP into a domain beyond RLIMIT_MEMLOCK",
                        ENOMEM,
                        f ->
                                limited(
                                        f,
                                        (g, ioas) -> {
                                            g.bind(GPU).attach(0, ioas).orThrow();
                                            return ErrnoCase.map(
                                                    g,
                                                    ioas,
                                                    HostFixture.FIXED,
                                                    0,
                                                    RAM_SIZE,
                                                    HostFixture.RAM_BASE);
                                        })),
                rule(
                        "MAP_FILE into a domain beyond RLIMIT_MEMLOCK",
                        ENOMEM,
                        f -> {
                            f.process.limit(new UserMemory.Limits(PAGE, false, false));
                            int ioas = f.iommufd.ioasAlloc(0).orThrow();
                            f.bind(GPU).attach(0, ioas).orThrow();
                            MemFile file =
                                    MemFile.create(f.kernel.newProcess(), 2 * PAGE).orThrow();
                            return f.iommufd.ioasMapFile(
                                    ioas,
                                    HostFixture.RW,
                                    Optional.of(file),
                                    0,
                                    2 * PAGE,
                                    new Iova(0));
                        }),
                rule(
                        "ATTACH of an IOAS with more than RLIMIT_MEMLOCK in it",
                        ENOMEM,
                        f -> limited(f, (g, ioas) -> g.bind(GPU).attach(0, g.ioasWithRam()))),
                rule(
                        "HWPT_ALLOC of a stage 2 when all VMIDs are in use",
                        ENOSPC,
                        f -> oneTooMany(HwptAlloc.NEST_PARENT)),
                rule(
                        "HWPT_ALLOC of a stage 1 when all ASIDs are in use",
                        EBUSY,
                        f -> oneTooMany(0)),
                rule(
                        "HWPT_ALLOC of a nest parent on an SMMU that cannot nest",
                        EOPNOTSUPP,
                        f -> {
                            HostFixture g =
                                    new HostFixture(HostFixture.with(LimitsErrnoTest::mmu700));
                            int dev = devId(g.bind(GPU));
                            return g.iommufd.hwptAlloc(
                                    HwptAlloc.paging(HwptAlloc.NEST_PARENT, dev, g.ioasWithRam()));
                        }),
                rule(
                        "BIND of a device whose MSIs are not isolated",
                        EPERM,
                        f -> {
                            HostFixture g = devices(d -> shared(d, false, true));
                            return g.open(GPU).bindIommufd(0, g.iommufd);
                        }),
                rule(
                        "BIND of a device that is not cache coherent",
                        EINVAL,
                        f -> {
                            HostFixture g = devices(d -> shared(d, true, false));
                            return g.open(GPU).bindIommufd(0, g.iommufd);
                        }),
                rule(
                        "ATTACH of a second HWPT in a group",
                        EINVAL,
                        f -> {
                            HostFixture g = devices(d -> shared(d, true, true));
                            g.bind(GPU).attach(0, g.ioasWithRam()).orThrow();
                            VfioDevice nic = g.bind(NIC);
                            return nic.attach(0, g.nestParent(nic, g.ioasWithRam()));
                        }),
                rule(
                        "ATTACH where ALLOW_IOVAS asked for the doorbell window",
                        EADDRINUSE,
                        f -> {
                            int ioas = f.iommufd.ioasAlloc(0).orThrow();
                            f.iommufd
                                    .ioasAllowIovas(
                                            ioas,
                                            List.of(new IovaRange(0x0800_0000L, 0x0800_ffffL)))
                                    .orThrow();
                            return f.bind(GPU).attach(0, ioas);
                        }));
    }

    @ParameterizedTest
    @MethodSource("limits")
    void eachDocumentedErrnoHasACaseThatProducesIt(ErrnoCase c) {
        c.check();
    }

    @Test
    void whatIsNoLongerPinnedCanBePinnedAgain() {
        HostFixture f = new HostFixture();
        f.process.limit(new UserMemory.Limits(RAM_SIZE, false, false));
        VfioDevice gpu = f.bind(GPU);
        for (int i = 0; i < 3; i++) {
            int ioas = f.ioasWithRam();
            gpu.attach(0, ioas).orThrow();
            assertThat(gpu.attach(0, f.ioasWithRam()).isOk()).as("as much again").isFalse();
            if (i == 0) {
                gpu.detach(0).orThrow();
            } else {
                f.iommufd.ioasUnmap(ioas, new Iova(HostFixture.RAM_BASE), RAM_SIZE).orThrow();
            }
        }
    }

    private static Result<Integer> attachNew(HostFixture f, UserMemory process, int mode) {
        Iommufd fd = f.kernel.openIommu(process, IoctlFilter.NONE);
        fd.option(0, 0, 0, mode).orThrow();
        UserVa ram = process.map(RAM_SIZE).orThrow();
        VfioDevice device = f.open(f.process.equals(process) ? GPU : NIC);
        device.bindIommufd(0, fd).orThrow();
        int ioas = fd.ioasAlloc(0).orThrow();
        fd.ioasMap(ioas, HostFixture.FIXED, ram, RAM_SIZE, new Iova(0)).orThrow();
        return device.attach(0, ioas);
    }

    /// `RLIMIT_MODE`: a user's processes share one limit, or each has it.
    @Test
    void theModeTellsWhoseLimitItIs() {
        for (int mode = 0; mode < 2; mode++) {
            HostFixture f = new HostFixture();
            UserMemory other = f.kernel.newProcess();
            UserMemory.Limits limits = new UserMemory.Limits(RAM_SIZE, false, true);
            f.process.limit(limits);
            other.limit(limits);
            attachNew(f, f.process, mode).orThrow();
            Result<Integer> second = attachNew(f, other, mode);
            if (mode == 0) {
                assertThat(errno(second)).isEqualTo(ENOMEM);
            } else {
                assertThat(second.isOk()).isTrue();
            }
        }
    }

    /// `struct iopt_pages` is what one call mapped.
    @Test
    void aCopyShowsPagesThatAreCountedAlreadyAndASecondCallDoesNot() {
        HostFixture f = new HostFixture();
        f.process.limit(new UserMemory.Limits(RAM_SIZE, false, false));
        int ioas = f.ioasWithRam();
        f.bind(GPU).attach(0, ioas).orThrow();
        Iova there = new Iova(0x1_0000_0000L);
        f.iommufd
                .ioasCopy(
                        ioas,
                        ioas,
                        HostFixture.FIXED,
                        RAM_SIZE,
                        there,
                        new Iova(HostFixture.RAM_BASE))
                .orThrow();
        f.iommufd.ioasUnmap(ioas, new Iova(HostFixture.RAM_BASE), RAM_SIZE).orThrow();
        assertThat(errno(ErrnoCase.map(f, ioas, HostFixture.FIXED, 0, PAGE, 0x2_0000_0000L)))
                .as("the copy holds them")
                .isEqualTo(ENOMEM);
        f.iommufd.ioasUnmap(ioas, there, RAM_SIZE).orThrow();
        ErrnoCase.map(f, ioas, HostFixture.FIXED, 0, PAGE, 0x2_0000_0000L).orThrow();
    }

    /// Of a copy of two areas the second cannot be pinned: the first is not left behind.
    @Test
    void aCopyThatFailsHalfWayLeavesNothing() {
        HostFixture f = new HostFixture();
        int from = f.iommufd.ioasAlloc(0).orThrow();
        ErrnoCase.map(f, from, HostFixture.FIXED, 0, PAGE, 0).orThrow();
        ErrnoCase.map(f, from, HostFixture.FIXED, 1L << 40, PAGE, PAGE).orThrow();
        int to = f.iommufd.ioasAlloc(0).orThrow();
        f.bind(GPU).attach(0, to).orThrow();
        Iova there = new Iova(0x10_0000);
        assertThat(
                        errno(
                                f.iommufd.ioasCopy(
                                        to, from, HostFixture.FIXED, 2 * PAGE, there, new Iova(0))))
                .isEqualTo(EFAULT);
        assertThat(errno(f.iommufd.ioasUnmap(to, there, PAGE))).isEqualTo(ENOENT);
    }

    @Test
    void nothingIsCountedForAProcessWithCapIpcLock() {
        HostFixture f = new HostFixture();
        f.process.limit(new UserMemory.Limits(0, true, false));
        f.bind(GPU).attach(0, f.ioasWithRam()).orThrow();
    }

    @Test
    void anIdIsFreeAgainWhenItsDomainIsGone() {
        HostFixture f = new HostFixture(HostFixture.with(LimitsErrnoTest::smallIds));
        int dev = devId(f.bind(GPU));
        int ioas = f.iommufd.ioasAlloc(0).orThrow();
        for (int i = 0; i < 600; i++) {
            int hwpt =
                    f.iommufd
                            .hwptAlloc(HwptAlloc.paging(HwptAlloc.NEST_PARENT, dev, ioas))
                            .orThrow();
            f.iommufd.destroy(hwpt).orThrow();
        }
    }
}
