package dev.belfry.host.iommufd;

import static dev.belfry.host.HostFixture.FIXED;
import static dev.belfry.host.HostFixture.GPU;
import static dev.belfry.host.HostFixture.RAM_BASE;
import static dev.belfry.host.HostFixture.RAM_SIZE;
import static dev.belfry.host.HostFixture.RW;
import static dev.belfry.host.HostFixture.devId;
import static dev.belfry.host.iommufd.ErrnoCase.PAGE;
import static dev.belfry.host.iommufd.ErrnoCase.rule;
import static dev.belfry.host.uapi.Errno.EADDRINUSE;
import static dev.belfry.host.uapi.Errno.EBADF;
import static dev.belfry.host.uapi.Errno.EBUSY;
import static dev.belfry.host.uapi.Errno.EEXIST;
import static dev.belfry.host.uapi.Errno.EFAULT;
import static dev.belfry.host.uapi.Errno.EINVAL;
import static dev.belfry.host.uapi.Errno.EMSGSIZE;
import static dev.belfry.host.uapi.Errno.ENODEV;
import static dev.belfry.host.uapi.Errno.ENOENT;
import static dev.belfry.host.uapi.Errno.ENOSPC;
import static dev.belfry.host.uapi.Errno.EOPNOTSUPP;
import static dev.belfry.host.uapi.Errno.EOVERFLOW;
import static dev.belfry.host.uapi.Errno.EPERM;

import dev.belfry.host.HostFixture;
import dev.belfry.host.msi.SwMsiDesign;
import dev.belfry.host.uapi.Errno;
import dev.belfry.host.uapi.Result;
import dev.belfry.host.vfio.VfioDevice;
import dev.belfry.model.address.Iova;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// One case for each errno of the IOAS calls that the kernel's documentation and source name.
class IoasErrnoTest {

    private static Result<?> map(HostFixture f, int flags, long va, long length, long iova) {
        return ErrnoCase.map(f, f.iommufd.ioasAlloc(0).orThrow(), flags, va, length, iova);
    }

    private static Result<?> map(
            HostFixture f, int ioas, int flags, long va, long length, long iova) {
        return ErrnoCase.map(f, ioas, flags, va, length, iova);
    }

    /// An IOAS that a HWPT follows, so that its pages and addresses count.
    private static int followed(HostFixture f) {
        VfioDevice gpu = f.bind(GPU);
        int ioas = f.iommufd.ioasAlloc(0).orThrow();
        f.iommufd.hwptAlloc(HwptAlloc.paging(0, devId(gpu), ioas)).orThrow();
        return ioas;
    }

    static List<ErrnoCase> ioas() {
        return List.of(
                rule("flags of IOAS_ALLOC must be 0", EOPNOTSUPP, f -> f.iommufd.ioasAlloc(1)),
                rule("unknown MAP flags", EOPNOTSUPP, f -> map(f, 8 | RW, 0, PAGE, 0)),
                rule("MAP neither readable nor writeable", EINVAL, f -> map(f, 1, 0, PAGE, 0)),
                rule("MAP of an unknown IOAS", ENOENT, f -> map(f, 77, FIXED, 0, PAGE, 0)),
                rule("MAP length U64_MAX", EOVERFLOW, f -> map(f, FIXED, 0, -1, 0)),
                rule("MAP that wraps", EOVERFLOW, f -> map(f, FIXED, 0, 2 * PAGE, -PAGE)),
                rule("MAP length 0", EINVAL, f -> map(f, FIXED, 0, 0, 0)),
                rule(
                        "MAP at a misaligned IOVA",
                        EINVAL,
                        f -> map(f, followed(f), FIXED, 0, PAGE, 0x10)),
                rule(
                        "MAP of a misaligned length",
                        EINVAL,
                        f -> map(f, followed(f), FIXED, 0, PAGE + 1, 0)),
                rule(
                        "MAP over a mapping",
                        EEXIST,
                        f -> map(f, f.ioasWithRam(), FIXED, 0, PAGE, RAM_BASE)),
                rule(
                        "MAP over the doorbell window of an attached device",
                        EINVAL,
                        f -> {
                            int ioas = f.ioasWithRam();
                            f.bind(GPU).attach(0, ioas).orThrow();
                            return map(f, ioas, FIXED, 0, PAGE, 0x0800_0000);
                        }),
                rule(
                        "MAP beyond the domain's aperture",
                        EINVAL,
                        f -> map(f, followed(f), FIXED, 0, PAGE, 1L << 48)),
                rule(
                        "MAP of memory that is not mapped, into a domain",
                        EFAULT,
                        f -> map(f, followed(f), FIXED, RAM_SIZE, PAGE, 0)),
                rule(
                        "writable MAP of read-only memory, into a domain",
                        EFAULT,
                        f -> {
                            long va = f.process.mapReadOnly(PAGE).orThrow().value();
                            return map(f, followed(f), FIXED, va - f.ram.value(), PAGE, 0);
                        }),
                rule(
                        "MAP where no allowed range is large enough",
                        ENOSPC,
                        f -> {
                            int ioas = f.iommufd.ioasAlloc(0).orThrow();
                            f.iommufd
                                    .ioasAllowIovas(ioas, List.of(new IovaRange(0x10000, 0x10fff)))
                                    .orThrow();
                            return map(f, ioas, RW, 0, 2 * PAGE, 0);
                        }),
                rule(
                        "UNMAP of a part of a mapping",
                        ENOENT,
                        f -> f.iommufd.ioasUnmap(f.ioasWithRam(), new Iova(RAM_BASE), PAGE)),
                rule(
                        "UNMAP where nothing is",
                        ENOENT,
                        f -> f.iommufd.ioasUnmap(f.ioasWithRam(), new Iova(0), PAGE)),
                rule(
                        "UNMAP length 0",
                        EINVAL,
                        f -> f.iommufd.ioasUnmap(f.ioasWithRam(), new Iova(0), 0)),
                rule(
                        "UNMAP that wraps",
                        EOVERFLOW,
                        f -> f.iommufd.ioasUnmap(f.ioasWithRam(), new Iova(-PAGE), 2 * PAGE)),
                rule(
                        "writable COPY of a read-only mapping",
                        EPERM,
                        f -> {
                            int src = f.iommufd.ioasAlloc(0).orThrow();
                            map(f, src, MapFlags.READABLE | 1, 0, PAGE, 0).orThrow();
                            int dst = f.iommufd.ioasAlloc(0).orThrow();
                            return f.iommufd.ioasCopy(
                                    dst, src, FIXED, PAGE, new Iova(0), new Iova(0));
                        }),
                rule(
                        "COPY of what is not mapped",
                        ENOENT,
                        f -> {
                            int src = f.ioasWithRam();
                            return f.iommufd.ioasCopy(
                                    src, src, FIXED, PAGE, new Iova(0), new Iova(0));
                        }),
                rule(
                        "ALLOW_IOVAS over a reserved range",
                        EADDRINUSE,
                        f -> {
                            int ioas = f.ioasWithRam();
                            f.bind(GPU).attach(0, ioas).orThrow();
                            return f.iommufd.ioasAllowIovas(
                                    ioas, List.of(new IovaRange(0x0800_0000, 0x0800_0fff)));
                        }),
                rule(
                        "ALLOW_IOVAS of ranges that overlap",
                        EINVAL,
                        f ->
                                f.iommufd.ioasAllowIovas(
                                        f.ioasWithRam(),
                                        List.of(new IovaRange(0, 9), new IovaRange(9, 10)))),
                rule(
                        "ALLOW_IOVAS of a range that ends before it starts",
                        EINVAL,
                        f ->
                                f.iommufd.ioasAllowIovas(
                                        f.ioasWithRam(), List.of(new IovaRange(9, 9)))),
                rule(
                        "IOVA_RANGES with too little room",
                        EMSGSIZE,
                        f -> {
                            IovaRanges r = f.iommufd.ioasIovaRanges(f.ioasWithRam(), 0).orThrow();
                            return Result.err(r.errno().orElseThrow(), "room for none");
                        }),
                rule(
                        "MAP_FILE of a descriptor of no file",
                        EBADF,
                        f ->
                                f.iommufd.ioasMapFile(
                                        f.iommufd.ioasAlloc(0).orThrow(),
                                        FIXED,
                                        Optional.empty(),
                                        0,
                                        PAGE,
                                        new Iova(0))),
                rule(
                        "CHANGE_PROCESS while memory of a process is mapped",
                        EINVAL,
                        f -> {
                            f.ioasWithRam();
                            return f.iommufd.ioasChangeProcess();
                        }),
                rule("VFIO_IOAS GET when none was set", ENODEV, f -> f.iommufd.vfioIoas(0, 0)),
                rule("VFIO_IOAS SET of an unknown IOAS", ENOENT, f -> f.iommufd.vfioIoas(1, 77)),
                rule(
                        "VFIO_IOAS of an unknown operation",
                        EOPNOTSUPP,
                        f -> f.iommufd.vfioIoas(3, 0)),
                rule("unknown OPTION", EOPNOTSUPP, f -> f.iommufd.option(2, 0, 0, 0)),
                rule(
                        "RLIMIT_MODE while an object exists",
                        EBUSY,
                        f -> {
                            f.iommufd.ioasAlloc(0).orThrow();
                            return f.iommufd.option(0, 0, 0, 1);
                        }),
                rule(
                        "HUGE_PAGES off with pages in a domain",
                        EINVAL,
                        f -> {
                            int ioas = f.ioasWithRam();
                            f.bind(GPU).attach(0, ioas).orThrow();
                            return f.iommufd.option(1, 0, ioas, 0);
                        }));
    }

    /// The proposed options of the window for doorbells.
    private static ErrnoCase window(
            String rule, Errno errno, BiFunction<Iommufd, VfioDevice, Result<?>> call) {
        return rule(
                rule,
                errno,
                f -> {
                    HostFixture w = new HostFixture(SwMsiDesign.withOptions());
                    VfioDevice gpu = w.bind(GPU);
                    return call.apply(w.iommufd, gpu);
                });
    }

    static List<ErrnoCase> windows() {
        return List.of(
                window(
                        "SW_MSI_START inside a MiB",
                        EINVAL,
                        (fd, d) -> fd.option(2, 0, devId(d), 0x0809_0000)),
                window(
                        "SW_MSI_SIZE before SW_MSI_START",
                        EINVAL,
                        (fd, d) -> fd.option(3, 0, devId(d), 1)),
                window(
                        "SW_MSI_SIZE beyond the last address",
                        EOVERFLOW,
                        (fd, d) -> {
                            fd.option(2, 0, devId(d), -1L << 20).orThrow();
                            return fd.option(3, 0, devId(d), 2);
                        }),
                window(
                        "SW_MSI_START of an attached device",
                        EBUSY,
                        (fd, d) -> {
                            d.attach(0, fd.ioasAlloc(0).orThrow()).orThrow();
                            return fd.option(2, 0, devId(d), 1L << 20);
                        }),
                window(
                        "SW_MSI_SIZE told while attached",
                        EBUSY,
                        (fd, d) -> {
                            d.attach(0, fd.ioasAlloc(0).orThrow()).orThrow();
                            return fd.option(3, 1, devId(d), 0);
                        }));
    }

    @ParameterizedTest
    @MethodSource({"ioas", "windows"})
    void eachDocumentedErrnoHasACaseThatProducesIt(ErrnoCase c) {
        c.check();
    }
}
