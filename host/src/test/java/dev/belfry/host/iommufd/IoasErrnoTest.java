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
import static dev.belfry.host.uapi.Errno.EBUSY;
import static dev.belfry.host.uapi.Errno.EEXIST;
import static dev.belfry.host.uapi.Errno.EFAULT;
import static dev.belfry.host.uapi.Errno.EINVAL;
import static dev.belfry.host.uapi.Errno.ENOENT;
import static dev.belfry.host.uapi.Errno.ENOSPC;
import static dev.belfry.host.uapi.Errno.EOPNOTSUPP;
import static dev.belfry.host.uapi.Errno.EOVERFLOW;
import static dev.belfry.host.uapi.Errno.EPERM;

import dev.belfry.host.HostFixture;
import dev.belfry.host.uapi.Result;
import dev.belfry.host.vfio.VfioDevice;
import dev.belfry.model.address.Iova;
import java.util.List;
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

    @ParameterizedTest
    @MethodSource("ioas")
    void eachDocumentedErrnoHasACaseThatProducesIt(ErrnoCase c) {
        c.check();
    }
}
