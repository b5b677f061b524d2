package dev.belfry.host.vfio;

import static dev.belfry.host.HostFixture.GPU;
import static dev.belfry.host.HostFixture.NIC;
import static dev.belfry.host.HostFixture.errno;
import static dev.belfry.host.vfio.IrqSet.Action.MASK;
import static dev.belfry.host.vfio.IrqSet.Action.TRIGGER;
import static dev.belfry.host.vfio.IrqSet.Action.UNMASK;
import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.host.HostFixture;
import dev.belfry.host.kvm.BootedVm;
import dev.belfry.host.kvm.Route;
import dev.belfry.host.uapi.Errno;
import dev.belfry.host.uapi.EventFd;
import dev.belfry.model.pci.spec.EduLayout;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// INTx of devices with a pin: the kernel masks, user space or KVM unmasks.
class IntxTest {

    private static final int INTX = 0;
    private static final int MSI = 1;
    private static final int MSIX = 2;
    private static final int CONFIG = 7;
    private static final int DISABLE = 0x400;
    private static final int GSI = 37;

    private final HostFixture f =
            new HostFixture(
                    HostFixture.standard()
                            .withDevices(
                                    HostFixture.standard().devices().stream()
                                            .map(d -> d.withPin(1))
                                            .toList()));
    private final VfioDevice d = open(GPU);
    private final EventFd fd = new EventFd("INTx");

    private VfioDevice open(dev.belfry.model.pci.spec.Bdf bdf) {
        VfioDevice device = f.bind(bdf);
        device.attach(0, f.ioasWithRam()).orThrow();
        return device;
    }

    private static IrqSet none(IrqSet.Action action, int count) {
        return new IrqSet(INTX, action, 0, count, new IrqSet.Data.None());
    }

    private static IrqSet bool(IrqSet.Action action, boolean value) {
        return new IrqSet(INTX, action, 0, 1, new IrqSet.Data.Bools(List.of(value)));
    }

    private static IrqSet by(IrqSet.Action action, Optional<EventFd> fd) {
        return new IrqSet(INTX, action, 0, 1, new IrqSet.Data.EventFds(List.of(fd)));
    }

    private void enable() {
        d.setIrqs(by(TRIGGER, Optional.of(fd))).orThrow();
    }

    private void raise(VfioDevice device) {
        device.write(0, EduLayout.INTERRUPT_RAISE, 4, 1).orThrow();
    }

    private void acknowledge() {
        d.write(0, EduLayout.INTERRUPT_ACKNOWLEDGE, 4, 1).orThrow();
    }

    /// The device's own Command register.
    private long command() {
        return f.machine.function(GPU).orElseThrow().configRead(4, 2);
    }

    @Test
    void aDeviceWithAPinHasOneMaskableInterrupt() {
        IrqInfo info = d.getIrqInfo(INTX).orThrow();
        assertThat(info.count()).isOne();
        assertThat(info.flags()).isEqualTo(7);
        assertThat(d.read(CONFIG, 0x3d, 1).orThrow()).isOne();
    }

    @Test
    void theHandlerMasksAndUnmaskingLooksAgain() {
        enable();
        raise(d);
        assertThat(fd.read()).isOne();
        assertThat(command() & DISABLE).as("masked").isEqualTo(DISABLE);
        raise(d);
        assertThat(fd.read()).as("while masked").isZero();
        d.setIrqs(none(UNMASK, 1)).orThrow();
        assertThat(fd.read()).as("still up: told again").isOne();
        assertThat(command() & DISABLE).as("and masked still").isEqualTo(DISABLE);
        acknowledge();
        d.setIrqs(bool(UNMASK, false)).orThrow();
        assertThat(command() & DISABLE).isEqualTo(DISABLE);
        d.setIrqs(bool(UNMASK, true)).orThrow();
        assertThat(command() & DISABLE).isZero();
        assertThat(fd.read()).isZero();
        raise(d);
        assertThat(fd.read()).isOne();
    }

    @Test
    void maskingHoldsBackAndUnmaskingLetsThrough() {
        enable();
        d.setIrqs(bool(MASK, false)).orThrow();
        assertThat(command() & DISABLE).isZero();
        d.setIrqs(none(MASK, 1)).orThrow();
        raise(d);
        assertThat(fd.read()).isZero();
        d.setIrqs(none(UNMASK, 1)).orThrow();
        assertThat(fd.read()).isOne();
    }

    @Test
    void anEventfdUnmasksToo() {
        enable();
        EventFd unmask = new EventFd("unmask");
        d.setIrqs(by(UNMASK, Optional.of(unmask))).orThrow();
        assertThat(errno(d.setIrqs(by(UNMASK, Optional.of(new EventFd("other"))))))
                .isEqualTo(Errno.EBUSY);
        raise(d);
        acknowledge();
        unmask.signal();
        assertThat(command() & DISABLE).isZero();
        d.setIrqs(by(UNMASK, Optional.empty())).orThrow();
        raise(d);
        unmask.signal();
        assertThat(command() & DISABLE).as("no longer listened to").isEqualTo(DISABLE);
    }

    @Test
    void loopbackSignalsWithoutTheDevice() {
        enable();
        d.setIrqs(none(TRIGGER, 1)).orThrow();
        d.setIrqs(bool(TRIGGER, false)).orThrow();
        d.setIrqs(bool(TRIGGER, true)).orThrow();
        assertThat(fd.read()).isEqualTo(2);
    }

    @Test
    void disablingLeavesItAndMessagesMayComeThen() {
        enable();
        assertThat(errno(d.setIrqs(IrqSet.trigger(MSIX, 0, List.of(Optional.of(fd))))))
                .isEqualTo(Errno.EINVAL);
        d.setIrqs(none(TRIGGER, 0)).orThrow();
        raise(d);
        assertThat(fd.read()).isZero();
        assertThat(errno(d.setIrqs(none(UNMASK, 1)))).isEqualTo(Errno.EINVAL);
        d.setIrqs(IrqSet.trigger(MSI, 0, List.of(Optional.of(fd)))).orThrow();
        assertThat(errno(d.setIrqs(by(TRIGGER, Optional.of(fd))))).isEqualTo(Errno.EINVAL);
    }

    @Test
    void whatTheGuestDisablesStaysDisabledAndIsShownSo() {
        enable();
        d.write(CONFIG, 4, 2, 2 | DISABLE).orThrow();
        raise(d);
        assertThat(fd.read()).isZero();
        assertThat(d.read(CONFIG, 4, 2).orThrow() & DISABLE).isEqualTo(DISABLE);
        d.setIrqs(none(UNMASK, 1)).orThrow();
        assertThat(command() & DISABLE).isEqualTo(DISABLE);
        d.write(CONFIG, 4, 2, 2).orThrow();
        assertThat(fd.read()).isOne();
        assertThat(command() & DISABLE).as("the kernel's mask").isEqualTo(DISABLE);
        assertThat(d.read(CONFIG, 4, 2).orThrow() & DISABLE).as("not the guest's").isZero();
    }

    @Test
    void devicesThatShareAnInterruptAreToldApart() {
        int spi = f.machine.intxSpi(GPU);
        VfioDevice other = open(NIC);
        EventFd others = new EventFd("other");
        enable();
        other.setIrqs(by(TRIGGER, Optional.of(others))).orThrow();
        raise(other);
        assertThat(fd.read()).isZero();
        assertThat(others.read()).isOne();
        assertThat(f.machine.intxSpi(new dev.belfry.model.pci.spec.Bdf(3, 1, 0, 0)))
                .as("another segment, the same interrupt")
                .isEqualTo(spi);
    }

    @Test
    void aResetTakesThePinDown() {
        enable();
        raise(d);
        d.reset().orThrow();
        d.setIrqs(none(UNMASK, 1)).orThrow();
        assertThat(fd.read()).isOne();
        assertThat(command() & DISABLE).isZero();
    }

    /// The whole way: pin, host, eventfd, the guest's SPI as a level, its end, the eventfd that
    /// unmasks, the pin again.
    @Test
    void kvmKeepsTheGuestsLineUpUntilTheGuestIsDone() {
        BootedVm vm = new BootedVm(f);
        EventFd resample = new EventFd("resample");
        vm.vm.setGsiRouting(List.of(new Route.Irqchip(GSI, 5))).orThrow();
        vm.vm.irqfd(fd, GSI, 2, Optional.of(resample)).orThrow();
        enable();
        d.setIrqs(by(UNMASK, Optional.of(resample))).orThrow();
        vm.gic.requestSpi(37, false, 0);

        raise(d);
        assertThat(vm.machine.acknowledge(0)).isEqualTo(37);
        acknowledge();
        vm.machine.endOfInterrupt(0, 37);
        assertThat(vm.machine.acknowledge(0)).as("down").isEqualTo(1023);
        assertThat(command() & DISABLE).as("unmasked").isZero();

        raise(d);
        assertThat(vm.machine.acknowledge(0)).isEqualTo(37);
        vm.machine.endOfInterrupt(0, 37);
        assertThat(vm.machine.acknowledge(0)).as("not acknowledged at the device").isEqualTo(37);
        acknowledge();
        vm.machine.endOfInterrupt(0, 37);
        assertThat(vm.machine.acknowledge(0)).isEqualTo(1023);
    }

    @Test
    void resamplingNeedsAnOpenEventfd() {
        BootedVm vm = new BootedVm(f);
        EventFd closed = new EventFd("closed");
        closed.close();
        assertThat(errno(vm.vm.irqfd(fd, GSI, 2))).isEqualTo(Errno.EBADF);
        assertThat(errno(vm.vm.irqfd(fd, GSI, 2, Optional.of(closed)))).isEqualTo(Errno.EBADF);
        vm.vm.irqfd(fd, GSI, 2, Optional.of(new EventFd("resample"))).orThrow();
        vm.vm.setGsiRouting(List.of(new Route.Irqchip(GSI, 5))).orThrow();
        vm.gic.requestSpi(37, false, 0);
        fd.signal();
        vm.vm.irqfd(fd, GSI, 1).orThrow();
        assertThat(vm.machine.acknowledge(0))
                .as("the last one takes the line down")
                .isEqualTo(1023);
    }
}
