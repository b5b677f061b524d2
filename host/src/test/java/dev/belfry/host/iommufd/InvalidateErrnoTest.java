package dev.belfry.host.iommufd;

import static dev.belfry.host.HostFixture.GPU;
import static dev.belfry.host.HostFixture.devId;
import static dev.belfry.host.HostFixture.errno;
import static dev.belfry.host.iommufd.ErrnoCase.rule;
import static dev.belfry.host.uapi.Errno.EINVAL;
import static dev.belfry.host.uapi.Errno.EIO;
import static dev.belfry.host.uapi.Errno.ENOENT;
import static dev.belfry.host.uapi.Errno.EOPNOTSUPP;
import static dev.belfry.host.uapi.Errno.ETIMEDOUT;

import dev.belfry.host.HostFixture;
import dev.belfry.host.iommu.ViommuBackend.Invalidated;
import dev.belfry.host.uapi.Done;
import dev.belfry.host.uapi.Errno;
import dev.belfry.host.uapi.KernelVersion;
import dev.belfry.host.uapi.Result;
import dev.belfry.host.vfio.VfioDevice;
import java.util.List;
import java.util.function.BiFunction;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// One case for each errno of `IOMMU_HWPT_INVALIDATE`.
class InvalidateErrnoTest {

    private static final int CR0 = 0x20;

    private static Result<?> invalidate(
            HostFixture f, BiFunction<HostFixture, Integer, Invalidated> call) {
        VfioDevice gpu = f.bind(GPU);
        int viommu = f.viommu(gpu);
        f.iommufd.vdeviceAlloc(viommu, devId(gpu), 0x10).orThrow();
        Invalidated done = call.apply(f, viommu);
        return done.errno().isPresent()
                ? Result.err(done.errno().get(), done.why())
                : Result.ok(Done.DONE);
    }

    private static ErrnoCase invalidation(String rule, Errno errno, int target, long... words) {
        return rule(
                rule,
                errno,
                f ->
                        invalidate(
                                f,
                                (g, viommu) ->
                                        g.iommufd.hwptInvalidate(
                                                target == 0 ? viommu : target,
                                                1,
                                                16,
                                                List.<long[]>of(words))));
    }

    private static HostFixture on(KernelVersion kernel) {
        return new HostFixture(HostFixture.standard().withKernel(kernel));
    }

    static List<ErrnoCase> invalidations() {
        return List.of(
                invalidation("HWPT_INVALIDATE of an unknown id", ENOENT, 77, 0x11, 0),
                invalidation("HWPT_INVALIDATE of a device", EINVAL, 1, 0x11, 0),
                rule(
                        "HWPT_INVALIDATE of a nested HWPT",
                        EOPNOTSUPP,
                        f ->
                                invalidate(
                                        f,
                                        (g, viommu) ->
                                                g.iommufd.hwptInvalidate(
                                                        g.iommufd
                                                                .hwptAlloc(
                                                                        HwptAlloc.nested(
                                                                                1, viommu, 1, 0))
                                                                .orThrow(),
                                                        1,
                                                        16,
                                                        List.of(new long[] {0x11, 0})))),
                rule(
                        "HWPT_INVALIDATE with another data_type",
                        EINVAL,
                        f ->
                                invalidate(
                                        f,
                                        (g, v) -> g.iommufd.hwptInvalidate(v, 0, 16, List.of()))),
                rule(
                        "HWPT_INVALIDATE with entries of length 0",
                        EINVAL,
                        f ->
                                invalidate(
                                        f,
                                        (g, v) ->
                                                g.iommufd.hwptInvalidate(
                                                        v, 1, 0, List.of(new long[] {0x11, 0})))),
                rule(
                        "HWPT_INVALIDATE with entries longer than a page, from 7.2 on",
                        EINVAL,
                        f ->
                                invalidate(
                                        on(KernelVersion.V7_2),
                                        (g, v) ->
                                                g.iommufd.hwptInvalidate(
                                                        v,
                                                        1,
                                                        4097,
                                                        List.of(new long[] {0x30, 0})))),
                invalidation("HWPT_INVALIDATE of a command that is not for guests", EIO, 0, 0x3, 0),
                rule(
                        "HWPT_INVALIDATE of a command with fields that are Reserved, from 7.3 on",
                        EIO,
                        f ->
                                invalidate(
                                        on(KernelVersion.V7_3),
                                        (g, v) ->
                                                g.iommufd.hwptInvalidate(
                                                        v, 1, 16, List.of(new long[] {0x30, 1})))),
                invalidation(
                        "HWPT_INVALIDATE of a StreamID that is no vDEVICE",
                        EIO,
                        0,
                        0x11_0000_0040L,
                        0),
                rule(
                        "HWPT_INVALIDATE when the SMMU does not complete CMD_SYNC",
                        ETIMEDOUT,
                        f ->
                                invalidate(
                                        f,
                                        (g, v) -> {
                                            long smmu = g.description.smmus().getFirst().base();
                                            g.machine.write(smmu + CR0, 4, 0);
                                            return g.iommufd.hwptInvalidate(
                                                    v, 1, 16, List.of(new long[] {0x11, 0}));
                                        })));
    }

    @ParameterizedTest
    @MethodSource("invalidations")
    void eachDocumentedErrnoHasACaseThatProducesIt(ErrnoCase c) {
        c.check();
    }
}
