package dev.belfry.host.kvm;

import static dev.belfry.host.HostFixture.errno;
import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.host.uapi.Errno;
import dev.belfry.host.uapi.EventFd;
import dev.belfry.model.journey.Hop;
import dev.belfry.model.journey.HopKind;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// irqfds: at once where a translation is remembered, otherwise EWOULDBLOCK and a work item; what
/// makes KVM forget; several ITSs; VMs beside each other.
class IrqfdPathTest {

    private final BootedVm guest = new BootedVm();
    private final KvmVm vm = guest.vm;
    private final List<EventFd> fds = new ArrayList<>();

    @BeforeEach
    void anIrqfdAVector() {
        List<Route> routes = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            routes.add(new Route.Msi(700 + i, guest.msi(i)));
            fds.add(new EventFd("vector " + i));
            vm.irqfd(fds.get(i), 700 + i, 0).orThrow();
        }
        routes.add(new Route.Irqchip(5, 5));
        vm.setGsiRouting(routes).orThrow();
    }

    private void signal(int vector) {
        fds.get(vector).signal();
        assertThat(guest.take(vector % 2)).isEqualTo(guest.vectors.intId(vector));
    }

    @Test
    void theFirstSignalTakesTheSlowWayAndTheNextTheFast() {
        signal(0);
        assertThat(vm.irqfdCounts()).isEqualTo(new IrqfdCounts(0, 1));
        signal(0);
        signal(0);
        assertThat(vm.irqfdCounts()).isEqualTo(new IrqfdCounts(2, 1));
    }

    @Test
    void theJourneySaysWhichWayItTook() {
        guest.f.recorder.start();
        signal(0);
        assertThat(injected()).contains("EWOULDBLOCK");
        guest.f.recorder.start();
        signal(0);
        assertThat(injected()).contains("at once").doesNotContain("EWOULDBLOCK");
    }

    private String injected() {
        List<Hop> hops = guest.f.recorder.stop().hops();
        Hop route = hops.stream().filter(h -> h.kind() == HopKind.ROUTE).findFirst().orElseThrow();
        return route.fields().getOrDefault("injected", "");
    }

    @Test
    void whateverMayChangeATranslationMakesKvmForgetAll() {
        Runnable[] changes = {
            () -> guest.driver.setAffinity(guest.vectors, 2, 1),
            () -> {
                guest.driver.deactivate(guest.vectors, 3);
                guest.driver.activate(guest.vectors, 3, 1);
                guest.driver.unmask(guest.vectors, 3);
            },
            () -> guest.driver.allocate(0x200, 2),
            () -> {
                guest.machine.write(GuestMachine.ITS, 4, 0);
                guest.machine.write(GuestMachine.ITS, 4, 1);
            }
        };
        long slow = 0;
        for (Runnable change : changes) {
            signal(0);
            signal(0);
            slow++;
            assertThat(vm.irqfdCounts().slow()).isEqualTo(slow);
            change.run();
        }
        signal(0);
        assertThat(vm.irqfdCounts().slow()).isEqualTo(slow + 1);
    }

    @Test
    void maskingKeepsTheTranslation() {
        signal(0);
        guest.driver.mask(guest.vectors, 0);
        fds.get(0).signal();
        assertThat(guest.take(0)).as("masked").isEqualTo(1023);
        guest.driver.unmask(guest.vectors, 0);
        assertThat(guest.take(0)).isEqualTo(guest.vectors.intId(0));
        assertThat(vm.irqfdCounts()).isEqualTo(new IrqfdCounts(1, 1));
    }

    @Test
    void aRememberedTranslationAsksForNoDeviceIdFlag() {
        KvmMsi m = guest.msi(0);
        KvmMsi bare = new KvmMsi(m.address(), m.data(), 0, m.deviceId());
        assertThat(vm.signalMsi(bare).value()).isEqualTo(-Errno.EINVAL.number());
        signal(0);
        assertThat(vm.signalMsi(bare).value()).isOne();
    }

    @Test
    void onlyTheDoorbellsOwnAddressIsLookedUpAmongTheRemembered() {
        signal(0);
        KvmMsi m = guest.msi(0);
        KvmMsi beside = new KvmMsi(m.address() + 4, m.data(), 1, m.deviceId());
        vm.setGsiRouting(List.of(new Route.Msi(700, beside))).orThrow();
        signal(0);
        assertThat(vm.irqfdCounts()).isEqualTo(new IrqfdCounts(0, 2));
    }

    @Test
    void lpisThatAreSwitchedOffAreEbusyAlthoughTheTranslationWasRemembered() {
        signal(0);
        guest.machine.write(GuestMachine.GICR, 4, 0);
        assertThat(vm.signalMsi(guest.msi(0)).value()).isEqualTo(-Errno.EBUSY.number());
    }

    @Test
    void anInterruptThatTheHostsGicForwardsIsNotRememberedAndCannotBeSaved() {
        signal(0);
        vm.setForwarding(fds.get(0), true);
        signal(0);
        signal(0);
        assertThat(vm.irqfdCounts()).isEqualTo(new IrqfdCounts(0, 3));
        assertThat(errno(vm.setDeviceAttr(guest.itsFd, 4, 1, 0))).isEqualTo(Errno.EACCES);
        vm.setForwarding(fds.get(0), false);
        vm.setDeviceAttr(guest.itsFd, 4, 1, 0).orThrow();
        signal(0);
        signal(0);
        assertThat(vm.irqfdCounts()).isEqualTo(new IrqfdCounts(1, 4));
    }

    @Test
    void forwardingWhatNobodyMapsIsLeftToSoftware() {
        EventFd stray = new EventFd("stray");
        vm.irqfd(stray, 900, 0).orThrow();
        vm.setGsiRouting(List.of(new Route.Msi(900, new KvmMsi(0xffff_f040L, 0, 1, 9)))).orThrow();
        vm.setForwarding(stray, true);
        vm.setForwarding(new EventFd("no irqfd"), true);
        vm.setDeviceAttr(guest.itsFd, 4, 1, 0).orThrow();
        assertThat(vm.signalMsi(guest.msi(0)).value()).isOne();
    }

    @Test
    void aPinBeyondTheLastIsEinval() {
        assertThat(errno(vm.setGsiRouting(List.of(new Route.Irqchip(1, 988)))))
                .isEqualTo(Errno.EINVAL);
        vm.setGsiRouting(List.of(new Route.Irqchip(1, 987))).orThrow();
        assertThat(vm.routes()).hasSize(1);
    }

    @Test
    void moreRoutesThanThereAreGsisAreEinval() {
        List<Route> many = new ArrayList<>();
        for (int gsi = 0; gsi < 4096; gsi++) {
            many.add(new Route.Msi(gsi, guest.msi(0)));
        }
        vm.setGsiRouting(many).orThrow();
        many.add(new Route.Irqchip(0, 0));
        assertThat(errno(vm.setGsiRouting(many))).isEqualTo(Errno.EINVAL);
    }

    @Test
    void aMessageGoesToTheItsWhoseFrameItNames() {
        long second = 0x0a00_0000L;
        int fd = BootedVm.createIts(vm, second);
        KvmMsi m = guest.msi(0);
        KvmMsi there = new KvmMsi(second + 0x1_0040, m.data(), 1, m.deviceId());
        assertThat(vm.signalMsi(there).value()).as("off").isEqualTo(-Errno.EBUSY.number());
        assertThat(vm.signalMsi(m).value()).isOne();
        assertThat(guest.take(0)).isEqualTo(guest.vectors.intId(0));
        assertThat(vm.its(fd).orElseThrow()).isNotSameAs(vm.its(guest.itsFd).orElseThrow());
        assertThat(vm.signalMsi(new KvmMsi(second + 0x2_0000, 0, 1, 0)).value())
                .isEqualTo(-Errno.EINVAL.number());
    }

    @Test
    void oneVmNeverReachesAnothersLpis() {
        BootedVm other = new BootedVm();
        for (int device : new int[] {0, 0x108, 0xffff}) {
            for (int data = -1; data < 64; data++) {
                vm.signalMsi(new KvmMsi(BootedVm.DOORBELL, data, 1, device));
            }
        }
        for (int cpu = 0; cpu < 2; cpu++) {
            assertThat(other.take(cpu)).isEqualTo(1023);
            assertThat(guest.take(cpu)).isNotEqualTo(1023);
        }
    }

    @Test
    void aFloodOfMessagesThatNobodyMappedLosesNothingOfOthers() {
        for (int i = 0; i < 100_000; i++) {
            KvmMsi stray = new KvmMsi(BootedVm.DOORBELL, i, 1, 0x200 + (i & 0xff));
            assertThat(vm.signalMsi(stray).value()).isZero();
            if (i % 10_000 == 0) {
                signal(i / 10_000 % 4);
            }
        }
        assertThat(vm.irqfdCounts().slow()).as("still remembered").isEqualTo(4);
    }
}
