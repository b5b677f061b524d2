package dev.belfry.host.kvm;

import static dev.belfry.host.HostFixture.RAM_BASE;
import static dev.belfry.host.HostFixture.RAM_SIZE;
import static dev.belfry.host.HostFixture.errno;
import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.host.HostFixture;
import dev.belfry.host.uapi.Errno;
import dev.belfry.host.uapi.EventFd;
import dev.belfry.model.address.Gpa;
import dev.belfry.model.journey.Hop;
import dev.belfry.model.journey.HopKind;
import dev.belfry.model.journey.Journey;
import dev.belfry.model.journey.Where;
import java.util.List;
import org.junit.jupiter.api.Test;

/// What `vgic_its_inject_msi` returns, and what an irqfd makes of it.
class KvmInjectionTest {

    private static final int DEVICE_ID = 0x108;
    private static final long DOORBELL = GuestMachine.ITS + 0x1_0040;

    private final HostFixture f = new HostFixture();
    private final KvmVm vm = BootedVm.create(f);

    private static KvmMsi msi(long address, int data) {
        return new KvmMsi(address, data, KvmMsi.VALID_DEVID, DEVICE_ID);
    }

    private int createGic() {
        return BootedVm.createGic(vm, f);
    }

    private int createIts() {
        return BootedVm.createIts(vm, GuestMachine.ITS);
    }

    private BootedVm bootGuest() {
        return new BootedVm(f, vm);
    }

    @Test
    void aMappedEventIsDeliveredAndReturnsAPositiveValue() {
        BootedVm guest = bootGuest();
        assertThat(vm.signalMsi(msi(DOORBELL, guest.vectors.data(1))).value()).isPositive();
        assertThat(guest.machine.acknowledge(1)).isEqualTo(guest.vectors.intId(1));
        assertThat(guest.machine.acknowledge(0)).isEqualTo(1023);
    }

    @Test
    void anyAddressInTheItsFrameWillDo() {
        BootedVm guest = bootGuest();
        int data = guest.vectors.data(0);
        assertThat(vm.signalMsi(msi(GuestMachine.ITS, data)).value()).isPositive();
        assertThat(vm.signalMsi(msi(GuestMachine.ITS + 0x1_fffc, data)).value()).isPositive();
        assertThat(vm.signalMsi(msi(GuestMachine.ITS + 0x2_0000, data)).value())
                .isEqualTo(-Errno.EINVAL.number());
    }

    @Test
    void withoutAnItsItIsEnodev() {
        createGic();
        assertThat(vm.signalMsi(msi(DOORBELL, 0)).value()).isEqualTo(-Errno.ENODEV.number());
    }

    @Test
    void withoutADeviceIdItIsEinval() {
        BootedVm guest = bootGuest();
        KvmMsi m = new KvmMsi(DOORBELL, guest.vectors.data(0), 0, DEVICE_ID);
        assertThat(vm.signalMsi(m).value()).isEqualTo(-Errno.EINVAL.number());
    }

    @Test
    void aGuestsIovaInPlaceOfTheDoorbellIsEinval() {
        BootedVm guest = bootGuest();
        Injection result = vm.signalMsi(msi(0xffff_f040L, guest.vectors.data(0)));
        assertThat(result.value()).isEqualTo(-Errno.EINVAL.number());
    }

    @Test
    void anItsThatTheGuestHasNotEnabledIsEbusy() {
        createGic();
        createIts();
        assertThat(vm.signalMsi(msi(DOORBELL, 0)).value()).isEqualTo(-Errno.EBUSY.number());
    }

    @Test
    void whatTheGuestHasNotMappedIsBlockedNotAnError() {
        BootedVm guest = bootGuest();
        assertThat(vm.signalMsi(msi(DOORBELL, 99)).value()).isZero();
        KvmMsi stranger = new KvmMsi(DOORBELL, guest.vectors.data(0), 1, 0x999);
        assertThat(vm.signalMsi(stranger).value()).isZero();
    }

    @Test
    void anIrqfdGoesThroughItsRouteToAnLpi() {
        BootedVm guest = bootGuest();
        EventFd fd = new EventFd("vector 2");
        vm.setGsiRouting(List.of(new Route.Msi(700, msi(DOORBELL, guest.vectors.data(2)))))
                .orThrow();
        vm.irqfd(fd, 700, 0).orThrow();
        f.recorder.start();
        fd.signal();
        Journey journey = f.recorder.stop();
        assertThat(guest.machine.acknowledge(0)).isEqualTo(guest.vectors.intId(2));
        assertThat(journey.hops())
                .extracting(Hop::kind)
                .startsWith(HopKind.ROUTE, HopKind.INJECT)
                .contains(HopKind.DTE, HopKind.ITE, HopKind.LPI);
        assertThat(journey.firstBroken()).isEmpty();
        assertThat(journey.hops()).extracting(Hop::where).containsOnly(Where.GUEST);
    }

    @Test
    void aRouteWithTheGuestsIovaLosesTheInterruptAndOnlyTheJourneyTells() {
        bootGuest();
        EventFd fd = new EventFd("vector 0");
        vm.setGsiRouting(List.of(new Route.Msi(700, msi(0xffff_f040L, 0)))).orThrow();
        vm.irqfd(fd, 700, 0).orThrow();
        f.recorder.start();
        fd.signal();
        Hop broken = f.recorder.stop().firstBroken().orElseThrow();
        assertThat(broken.kind()).isEqualTo(HopKind.INJECT);
        assertThat(broken.fields()).containsEntry("errno", "EINVAL");
    }

    @Test
    void anIrqfdWithoutARouteLosesTheInterrupt() {
        bootGuest();
        EventFd fd = new EventFd("vector 0");
        vm.irqfd(fd, 3000, 0).orThrow();
        f.recorder.start();
        fd.signal();
        assertThat(f.recorder.stop().firstBroken().orElseThrow().kind()).isEqualTo(HopKind.ROUTE);
    }

    @Test
    void anUpdateOfTheRouteTakesEffectAtOnce() {
        BootedVm guest = bootGuest();
        EventFd fd = new EventFd("vector");
        vm.irqfd(fd, 700, 0).orThrow();
        for (int i = 0; i < 4; i++) {
            vm.setGsiRouting(List.of(new Route.Msi(700, msi(DOORBELL, guest.vectors.data(i)))))
                    .orThrow();
            fd.signal();
            assertThat(guest.machine.acknowledge(i % 2)).isEqualTo(guest.vectors.intId(i));
            guest.machine.endOfInterrupt(i % 2, guest.vectors.intId(i));
        }
    }

    @Test
    void routesAreCheckedAndTheOldTableStays() {
        createGic();
        KvmMsi m = msi(DOORBELL, 0);
        vm.setGsiRouting(List.of(new Route.Msi(5, m))).orThrow();
        assertThat(errno(vm.setGsiRouting(List.of(new Route.Msi(4096, m)))))
                .isEqualTo(Errno.EINVAL);
        assertThat(errno(vm.setGsiRouting(List.of(new Route.Msi(1, m), new Route.Msi(1, m)))))
                .isEqualTo(Errno.EINVAL);
        KvmMsi flags = new KvmMsi(DOORBELL, 0, 2, 0);
        assertThat(errno(vm.setGsiRouting(List.of(new Route.Msi(1, flags)))))
                .isEqualTo(Errno.EINVAL);
        assertThat(vm.routes()).containsExactly(new Route.Msi(5, m));
    }

    @Test
    void irqfdsAreCheckedAndCanBeTakenBack() {
        EventFd fd = new EventFd("test");
        assertThat(errno(vm.irqfd(fd, 1, 0))).isEqualTo(Errno.EAGAIN);
        createGic();
        vm.irqfd(fd, 1, 0).orThrow();
        assertThat(errno(vm.irqfd(fd, 2, 0))).isEqualTo(Errno.EBUSY);
        assertThat(errno(vm.irqfd(fd, 2, 4))).isEqualTo(Errno.EINVAL);
        vm.irqfd(fd, 1, 1).orThrow();
        assertThat(fd.hasListener()).isFalse();
        vm.irqfd(fd, 2, 0).orThrow();
    }

    @Test
    void anItsIsPlacedOnceAlignedAndWithinTheAddressSpace() {
        assertThat(errno(vm.createDevice(KvmDeviceType.ARM_VGIC_ITS))).isEqualTo(Errno.ENODEV);
        createGic();
        assertThat(errno(vm.createDevice(KvmDeviceType.ARM_VGIC_V3))).isEqualTo(Errno.EEXIST);
        int its = vm.createDevice(KvmDeviceType.ARM_VGIC_ITS).orThrow();
        assertThat(errno(vm.setDeviceAttr(its, 0, 4, 0x0808_1000))).isEqualTo(Errno.EINVAL);
        assertThat(errno(vm.setDeviceAttr(its, 0, 4, (1L << 40) - 0x1_0000)))
                .isEqualTo(Errno.E2BIG);
        vm.setDeviceAttr(its, 0, 4, 0x0808_0000).orThrow();
        assertThat(errno(vm.setDeviceAttr(its, 0, 4, 0x0808_0000))).isEqualTo(Errno.EEXIST);
        assertThat(errno(vm.setDeviceAttr(its, 9, 9, 0))).isEqualTo(Errno.ENXIO);
    }

    @Test
    void memorySlotsShowTheVmmsMemoryAndDoNotOverlap() {
        MemorySlot slot = new MemorySlot(0, false, new Gpa(RAM_BASE), RAM_SIZE, f.ram);
        vm.setUserMemoryRegion(slot).orThrow();
        f.process.view().write(f.ram.value() + 0x123000, 8, 42);
        assertThat(vm.guestMemory().read(RAM_BASE + 0x123000, 8)).isEqualTo(42);
        assertThat(vm.guestMemory().accepts(RAM_BASE + RAM_SIZE - 4, 8)).isFalse();
        MemorySlot over = new MemorySlot(1, false, new Gpa(RAM_BASE + 0x1000), 0x1000, f.ram);
        assertThat(errno(vm.setUserMemoryRegion(over))).isEqualTo(Errno.EEXIST);
        MemorySlot odd = new MemorySlot(1, false, new Gpa(0x100), 0x1000, f.ram);
        assertThat(errno(vm.setUserMemoryRegion(odd))).isEqualTo(Errno.EINVAL);
        vm.setUserMemoryRegion(new MemorySlot(0, false, new Gpa(0), 0, f.ram)).orThrow();
        assertThat(vm.guestMemory().accepts(RAM_BASE, 8)).isFalse();
    }

    @Test
    void anSpiGoesToTheVgicByItsLine() {
        createGic();
        assertThat(vm.irqLine(48, true).isOk()).isTrue();
        assertThat(errno(vm.irqLine(5000, true))).isEqualTo(Errno.EINVAL);
    }
}
