package dev.belfry.host.vfio;

import static dev.belfry.host.HostFixture.GPU;
import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.host.HostFixture;
import dev.belfry.host.iommufd.ErrnoCase;
import dev.belfry.host.uapi.Errno;
import dev.belfry.host.uapi.EventFd;
import dev.belfry.host.uapi.Result;
import dev.belfry.model.address.Iova;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

public class VfioErrnoTest {

    private static final int MSI = 1;
    private static final int MSIX = 2;

    private static Optional<EventFd> fd() {
        return Optional.of(new EventFd("test"));
    }

    private static IrqSet plain(int index, IrqSet.Action action, int start, int count) {
        return new IrqSet(index, action, start, count, new IrqSet.Data.None());
    }

    /// With a device that is bound and attached.
    private static ErrnoCase of(
            String rule, Errno errno, BiFunction<HostFixture, VfioDevice, Result<?>> call) {
        return ErrnoCase.rule(
                rule,
                errno,
                f -> {
                    VfioDevice device = f.bind(GPU);
                    device.attach(0, f.ioasWithRam()).orThrow();
                    return call.apply(f, device);
                });
    }

    /// With a device that has a pin.
    private static ErrnoCase pin(
            String rule, Errno errno, BiFunction<HostFixture, VfioDevice, Result<?>> call) {
        return ErrnoCase.rule(
                rule,
                errno,
                plain -> {
                    HostFixture f =
                            new HostFixture(
                                    plain.description.withDevices(
                                            plain.description.devices().stream()
                                                    .map(d -> d.withPin(1))
                                                    .toList()));
                    return call.apply(f, f.bind(GPU));
                });
    }

    private static IrqSet unmaskBy(IrqSet.Action action) {
        return new IrqSet(0, action, 0, 1, new IrqSet.Data.EventFds(List.of(fd())));
    }

    private static Result<?> feature(VfioDevice d, int flags) {
        return d.feature(flags, VfioDevice.FeatureData.NONE);
    }

    public static List<ErrnoCase> bound() {
        return List.of(
                of("a second BIND", Errno.EINVAL, (f, d) -> d.bindIommufd(0, f.iommufd)),
                of(
                        "BIND of a device that is open elsewhere",
                        Errno.EINVAL,
                        (f, d) -> f.open(GPU).bindIommufd(0, f.iommufd)),
                of("ATTACH with unknown flags", Errno.EINVAL, (f, d) -> d.attach(2, 1)),
                of(
                        "ATTACH of PASID 0 beside an attachment without the flag",
                        Errno.EBUSY,
                        (f, d) -> d.attach(1, f.ioasWithRam(), 0)),
                of(
                        "ATTACH of a negative PASID",
                        Errno.ENOSPC,
                        (f, d) -> d.attach(1, f.ioasWithRam(), -1)),
                of(
                        "ATTACH of a PASID to an IOAS",
                        Errno.EINVAL,
                        (f, d) -> d.attach(1, f.ioasWithRam(), 3)),
                of(
                        "SET_IRQS of vectors while the device is attached to nothing",
                        Errno.ENOSPC,
                        (f, d) -> {
                            d.detach(0).orThrow();
                            return d.setIrqs(IrqSet.trigger(MSIX, 0, List.of(fd())));
                        }),
                of(
                        "SET_IRQS of vectors after as many failures as the device has EventIDs",
                        Errno.ENOSPC,
                        (f, d) -> {
                            d.detach(0).orThrow();
                            for (int i = 0; i < 16; i++) {
                                d.setIrqs(IrqSet.trigger(MSIX, 0, List.of(fd())));
                            }
                            d.attach(0, f.ioasWithRam()).orThrow();
                            return d.setIrqs(IrqSet.trigger(MSIX, 0, List.of(fd())));
                        }),
                of("region 9", Errno.EINVAL, (f, d) -> d.getRegionInfo(9)),
                of("interrupt index 5", Errno.EINVAL, (f, d) -> d.getIrqInfo(5)),
                of("SET_IRQS of index 5", Errno.EINVAL, (f, d) -> d.setIrqs(IrqSet.disable(5))),
                of(
                        "SET_IRQS beyond the last vector",
                        Errno.EINVAL,
                        (f, d) -> d.setIrqs(IrqSet.trigger(MSIX, 16, List.of(fd())))),
                of(
                        "SET_IRQS whose data does not cover its count",
                        Errno.EINVAL,
                        (f, d) ->
                                d.setIrqs(
                                        new IrqSet(
                                                MSIX,
                                                IrqSet.Action.TRIGGER,
                                                0,
                                                2,
                                                new IrqSet.Data.EventFds(List.of(fd()))))),
                of(
                        "MASK of MSI-X",
                        Errno.ENOTTY,
                        (f, d) -> d.setIrqs(plain(MSIX, IrqSet.Action.MASK, 0, 1))),
                of(
                        "UNMASK of MSI",
                        Errno.ENOTTY,
                        (f, d) -> d.setIrqs(plain(MSI, IrqSet.Action.UNMASK, 0, 1))),
                of(
                        "a loopback interrupt while MSI-X is off",
                        Errno.EINVAL,
                        (f, d) -> d.setIrqs(plain(MSIX, IrqSet.Action.TRIGGER, 0, 1))),
                of(
                        "MSI while MSI-X is on",
                        Errno.EINVAL,
                        (f, d) -> {
                            d.setIrqs(IrqSet.trigger(MSIX, 0, List.of(fd()))).orThrow();
                            return d.setIrqs(IrqSet.trigger(MSI, 0, List.of(fd())));
                        }),
                of(
                        "an eventfd that is closed",
                        Errno.EBADF,
                        (f, d) -> {
                            EventFd closed = new EventFd("closed");
                            closed.close();
                            return d.setIrqs(
                                    IrqSet.trigger(MSIX, 0, List.of(fd(), Optional.of(closed))));
                        }),
                of(
                        "INTx of a device without a pin",
                        Errno.EINVAL,
                        (f, d) -> d.setIrqs(IrqSet.trigger(0, 0, List.of(fd())))),
                of(
                        "MSI-X of no vectors",
                        Errno.ERANGE,
                        (f, d) -> d.setIrqs(IrqSet.trigger(MSIX, 0, List.of()))),
                of(
                        "firing an error notification that has no eventfd",
                        Errno.EINVAL,
                        (f, d) -> d.setIrqs(plain(3, IrqSet.Action.TRIGGER, 0, 1))),
                pin(
                        "INTx that is unmasked while off",
                        Errno.EINVAL,
                        (f, d) -> d.setIrqs(plain(0, IrqSet.Action.UNMASK, 0, 1))),
                pin(
                        "INTx while MSI-X is on",
                        Errno.EINVAL,
                        (f, d) -> {
                            d.attach(0, f.ioasWithRam()).orThrow();
                            d.setIrqs(IrqSet.trigger(MSIX, 0, List.of(fd()))).orThrow();
                            return d.setIrqs(IrqSet.trigger(0, 0, List.of(fd())));
                        }),
                pin(
                        "an eventfd that is to mask INTx",
                        Errno.ENOTTY,
                        (f, d) -> {
                            d.setIrqs(IrqSet.trigger(0, 0, List.of(fd()))).orThrow();
                            return d.setIrqs(unmaskBy(IrqSet.Action.MASK));
                        }),
                pin(
                        "a second eventfd that is to unmask INTx",
                        Errno.EBUSY,
                        (f, d) -> {
                            d.setIrqs(IrqSet.trigger(0, 0, List.of(fd()))).orThrow();
                            d.setIrqs(unmaskBy(IrqSet.Action.UNMASK)).orThrow();
                            return d.setIrqs(unmaskBy(IrqSet.Action.UNMASK));
                        }),
                of("FEATURE that is not there", Errno.ENOTTY, (f, d) -> feature(d, 1 << 18 | 1)),
                of("FEATURE with unknown flags", Errno.EINVAL, (f, d) -> feature(d, 1 << 19 | 3)),
                of("FEATURE with GET and SET", Errno.EINVAL, (f, d) -> feature(d, 3 << 16 | 3)),
                of(
                        "FEATURE LOW_POWER_ENTRY with GET",
                        Errno.EINVAL,
                        (f, d) -> feature(d, 1 << 16 | 3)),
                of(
                        "FEATURE LOW_POWER_ENTRY with neither GET, SET nor PROBE",
                        Errno.EINVAL,
                        (f, d) -> feature(d, 3)),
                of(
                        "FEATURE LOW_POWER_ENTRY_WITH_WAKEUP with too little data",
                        Errno.EINVAL,
                        (f, d) -> d.feature(1 << 17 | 4, new VfioDevice.FeatureData(4, fd()))),
                of(
                        "FEATURE LOW_POWER_ENTRY twice",
                        Errno.EINVAL,
                        (f, d) -> {
                            feature(d, 1 << 17 | 3).orThrow();
                            return feature(d, 1 << 17 | 3);
                        }),
                of("a read beyond a BAR", Errno.EINVAL, (f, d) -> d.read(0, 1L << 40, 4)),
                of(
                        "a read while memory decoding is off",
                        Errno.EIO,
                        (f, d) -> {
                            d.write(7, 4, 2, 0).orThrow();
                            return d.read(0, 0, 4);
                        }));
    }

    @ParameterizedTest
    @MethodSource("bound")
    void eachDocumentedErrnoHasACaseThatProducesIt(ErrnoCase c) {
        c.check();
    }

    @Test
    void beforeItIsBoundEveryOtherCallFails() {
        HostFixture f = new HostFixture();
        VfioDevice d = f.open(GPU);
        List<Result<?>> calls = new ArrayList<>();
        calls.add(d.attach(0, 1));
        calls.add(d.detach(0));
        calls.add(d.getInfo());
        calls.add(d.getRegionInfo(0));
        calls.add(d.getIrqInfo(MSIX));
        calls.add(d.setIrqs(IrqSet.disable(MSIX)));
        calls.add(d.reset());
        calls.add(d.read(0, 0, 4));
        assertThat(calls)
                .allSatisfy(r -> assertThat(((Result.Err<?>) r).errno()).isEqualTo(Errno.EINVAL));
    }

    @Test
    void anErrorMidWayDisconnectsWhatWasDone() {
        HostFixture f = new HostFixture();
        VfioDevice d = f.bind(GPU);
        d.attach(0, f.ioasWithRam()).orThrow();
        d.setIrqs(IrqSet.trigger(MSIX, 0, List.of(Optional.empty()))).orThrow();
        EventFd closed = new EventFd("closed");
        closed.close();
        assertThat(d.setIrqs(IrqSet.trigger(MSIX, 1, List.of(fd(), Optional.of(closed)))).isOk())
                .isFalse();
        assertThat(d.eventfd(1)).isEmpty();
    }

    @Test
    void loopbackSignalsTheEventfdsThatAreMeant() {
        HostFixture f = new HostFixture();
        VfioDevice d = f.bind(GPU);
        d.attach(0, f.ioasWithRam()).orThrow();
        EventFd first = new EventFd("0");
        EventFd second = new EventFd("1");
        d.setIrqs(IrqSet.trigger(MSIX, 0, List.of(Optional.of(first), Optional.of(second))))
                .orThrow();
        d.setIrqs(
                        new IrqSet(
                                MSIX,
                                IrqSet.Action.TRIGGER,
                                0,
                                2,
                                new IrqSet.Data.Bools(List.of(false, true))))
                .orThrow();
        assertThat(first.read()).isZero();
        assertThat(second.read()).isEqualTo(1);
        d.setIrqs(plain(MSIX, IrqSet.Action.TRIGGER, 0, 1)).orThrow();
        assertThat(first.read()).isEqualTo(1);
    }

    @Test
    void lowPowerIsThereAndEndsWithTheFirstAccessWhenThatWasAskedFor() {
        HostFixture f = new HostFixture();
        VfioDevice d = f.bind(GPU);
        EventFd wakeup = new EventFd("wakeup");
        VfioDevice.FeatureData data = new VfioDevice.FeatureData(8, Optional.of(wakeup));
        for (int number = 3; number <= 5; number++) {
            feature(d, 1 << 18 | 1 << 17 | number).orThrow();
        }
        d.feature(1 << 17 | 4, data).orThrow();
        d.read(7, 0, 4).orThrow();
        d.read(7, 0, 4).orThrow();
        assertThat(wakeup.read()).isOne();
        d.feature(1 << 17 | 4, data).orThrow();
        feature(d, 1 << 17 | 5).orThrow();
        feature(d, 1 << 17 | 5).orThrow();
        d.read(7, 0, 4).orThrow();
        assertThat(wakeup.read()).isZero();
    }

    @Test
    void detachBlocksDma() {
        HostFixture f = new HostFixture();
        VfioDevice d = f.bind(GPU);
        d.attach(0, f.ioasWithRam()).orThrow();
        d.write(7, 4, 2, 6).orThrow();
        byte[] into = new byte[4];
        var function = f.machine.function(GPU).orElseThrow();
        assertThat(function.dmaRead(HostFixture.RAM_BASE, into)).isTrue();
        d.detach(0).orThrow();
        assertThat(function.dmaRead(HostFixture.RAM_BASE, into)).isFalse();
    }

    @Test
    void anUnmappedPageIsGoneFromEveryCache() {
        HostFixture f = new HostFixture();
        int ioas = f.ioasWithRam();
        VfioDevice d = f.bind(GPU);
        d.attach(0, ioas).orThrow();
        d.write(7, 4, 2, 6).orThrow();
        var function = f.machine.function(GPU).orElseThrow();
        assertThat(function.dmaRead(HostFixture.RAM_BASE, new byte[4])).isTrue();
        f.iommufd.ioasUnmap(ioas, new Iova(HostFixture.RAM_BASE), HostFixture.RAM_SIZE).orThrow();
        assertThat(function.dmaRead(HostFixture.RAM_BASE, new byte[4])).isFalse();
    }

    @Test
    void configurationSpaceBarsAndInfoAreTheDevices() {
        HostFixture f = new HostFixture();
        VfioDevice d = f.bind(GPU);
        assertThat(d.read(7, 0, 4).orThrow()).isEqualTo(0x2342_10deL);
        assertThat(d.getRegionInfo(0).orThrow().size()).isEqualTo(16L << 20);
        assertThat(d.getRegionInfo(1).orThrow().size()).isZero();
        assertThat(d.getIrqInfo(MSIX).orThrow().count()).isEqualTo(16);
        assertThat(d.getIrqInfo(0).orThrow().count()).isZero();
        assertThat(d.read(0, 0, 4).orThrow())
                .as("the engine's identification")
                .isEqualTo(0x010000edL);
        assertThat(d.read(2, 0, 4).orThrow()).as("the MSI-X table").isEqualTo(0xffff_ffffL);
    }

    @Test
    void aResetLeavesBarsAndClearsBusMastering() {
        HostFixture f = new HostFixture();
        VfioDevice d = f.bind(GPU);
        d.attach(0, f.ioasWithRam()).orThrow();
        d.write(7, 4, 2, 6).orThrow();
        long bar = d.read(7, 0x10, 8).orThrow();
        d.reset().orThrow();
        assertThat(d.read(7, 0x10, 8).orThrow()).isEqualTo(bar);
        assertThat(d.read(7, 4, 2).orThrow() & 6).isEqualTo(2);
        assertThat(d.read(0, 0, 4).orThrow()).isEqualTo(0x010000edL);
    }
}
