package dev.belfry.kernel.pci;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.kernel.TestMachine;
import dev.belfry.kernel.TestMachine.Access;
import dev.belfry.model.journey.Probe;
import dev.belfry.model.pci.AssignedDevice;
import dev.belfry.model.pci.Endpoint;
import dev.belfry.model.pci.EndpointCatalog;
import dev.belfry.model.pci.EndpointSettings;
import dev.belfry.model.pci.FunctionIdentity;
import dev.belfry.model.pci.PciSegment;
import dev.belfry.model.pci.PortCatalog;
import dev.belfry.model.pci.RootBus;
import dev.belfry.model.pci.RootPort;
import dev.belfry.model.pci.spec.Bar;
import java.util.List;
import org.junit.jupiter.api.Test;

class PciHostTest {

    private static final long ECAM = 0x40_1000_0000L;
    private static final long HIGH = 1L << 39;
    private static final List<HostWindow> WINDOWS =
            List.of(
                    new HostWindow(HostWindow.Space.IO, 0x3eff_0000, 0, 0x1_0000),
                    new HostWindow(HostWindow.Space.MEM32, 0x1000_0000, 0x1000_0000, 0x2eff_0000),
                    new HostWindow(HostWindow.Space.MEM64, HIGH, HIGH, HIGH));

    private final TestMachine machine = new TestMachine(1 << 20, 1);
    private final PciSegment pci = new PciSegment(0, Probe.NONE);
    private final RootBus root = pci.addRootBus("pcie.0", 0);

    private static Endpoint endpoint(String name) {
        return EndpointCatalog.create(name, EndpointSettings.DEFAULT).orElseThrow();
    }

    private static Endpoint assigned(Bar.Kind kind, long registers, long memory) {
        FunctionIdentity identity = endpoint("nvme").identity();
        return new AssignedDevice(
                        identity,
                        List.of(
                                new AssignedDevice.BarSize(0, kind, false, registers),
                                new AssignedDevice.BarSize(2, Bar.Kind.MEMORY_64, true, memory)),
                        16,
                        0,
                        0x10_0000,
                        0,
                        0,
                        0,
                        false,
                        false)
                .create();
    }

    private PciHost host(boolean preserve) {
        return new PciHost(machine, new PciHost.Setup(0, ECAM, 0, 255, WINDOWS, preserve));
    }

    /// The captured guest's root bus. Its ports were hot-plug ports, for which 2 MiB of each kind
    /// of memory are set aside; here a device behind each wants as much.
    private void buildCaptured() {
        root.add(0, PortCatalog.hostBridge());
        root.add(2 << 3, endpoint("nvme"));
        root.add(4 << 3, endpoint("e1000e"));
        for (int slot : new int[] {3, 5}) {
            RootPort port = PortCatalog.rootPort("rp" + slot);
            root.add(slot << 3, port);
            port.secondary().add(0, assigned(Bar.Kind.MEMORY_32, 2 << 20, 2 << 20));
        }
        machine.add("ecam", ECAM, pci.ecam());
        machine.add("mmio32", 0x1000_0000, pci.memoryWindow(0x1000_0000, 0x2eff_0000));
    }

    private static long bar(PciHost host, int routingId, int index) {
        return host.find(routingId).orElseThrow().bar(index).orElseThrow().pciAddress();
    }

    @Test
    void barsAndWindowsLieWhereARealGuestPutThem() {
        buildCaptured();
        PciHost host = host(false);
        host.enumerate();
        assertThat(host.unplaced()).isEmpty();
        assertThat(bar(host, 0x10, 0)).isEqualTo(0x80_0040_0000L);
        assertThat(bar(host, 0x20, 0)).isEqualTo(0x1040_0000L);
        assertThat(bar(host, 0x20, 1)).isEqualTo(0x1042_0000L);
        assertThat(bar(host, 0x20, 3)).isEqualTo(0x1044_0000L);
        assertThat(bar(host, 0x18, 0)).isEqualTo(0x1044_4000L);
        assertThat(bar(host, 0x28, 0)).isEqualTo(0x1044_5000L);
        ConfigAccess config = host.config();
        assertThat(config.read(0x18, 0x18, 4) & 0xffffff).isEqualTo(0x01_01_00);
        assertThat(config.read(0x28, 0x18, 4) & 0xffffff).isEqualTo(0x02_02_00);
        assertThat(config.read(0x18, 0x20, 4)).isEqualTo(0x1010_1000);
        assertThat(config.read(0x28, 0x20, 4)).isEqualTo(0x1030_1020);
        assertThat(config.read(0x28, 0x24, 4) & 0xfff0_fff0).isEqualTo(0x0030_0020);
        assertThat(config.read(0x28, 0x28, 4)).isEqualTo(0x80);
        assertThat(config.read(0x28, 0x2c, 4)).isEqualTo(0x80);
        assertThat(bar(host, 0x100, 0)).isEqualTo(0x1000_0000L);
    }

    @Test
    void msixIsProgrammedInTheOrderOfARealGuest() {
        buildCaptured();
        PciHost host = host(false);
        host.enumerate();
        PciFunction port = host.find(0x18).orElseThrow();
        MsixDriver msix = MsixDriver.of(machine, host.config(), port).orElseThrow();
        int before = machine.accessesTo("mmio32").size();
        msix.enable(1);
        msix.program(0, 0xffff_f040L, 0);
        msix.start();
        msix.unmask(0);
        List<String> table =
                machine.accessesTo("mmio32").stream().skip(before).map(Access::toString).toList();
        assertThat(table)
                .containsExactly(
                        "mmio32 read 0x44400c 0x1 4",
                        "mmio32 write 0x444000 0xfffff040 4",
                        "mmio32 write 0x444004 0x0 4",
                        "mmio32 write 0x444008 0x0 4",
                        "mmio32 read 0x444008 0x0 4",
                        "mmio32 write 0x44400c 0x1 4",
                        "mmio32 write 0x44400c 0x0 4");
        List<Long> control =
                machine.accessesTo("ecam").stream()
                        .filter(a -> a.write() && a.offset() == 0x1804a)
                        .map(Access::value)
                        .toList();
        assertThat(control).containsExactly(0xc000L, 0x8000L);
    }

    @Test
    void whatFirmwarePlacedStaysWhereItIsWhenItAsksSo() {
        buildCaptured();
        host(false).enumerate();
        machine.write(ECAM + 0x10010, 4, 0x8000_0004L);
        machine.write(ECAM + 0x10014, 4, 0x9f);
        PciHost kept = host(true);
        kept.enumerate();
        assertThat(bar(kept, 0x10, 0)).isEqualTo(0x9f_8000_0000L);
        assertThat(kept.find(0x10).orElseThrow().bar(0).orElseThrow().placed()).isTrue();
        PciHost moved = host(false);
        moved.enumerate();
        assertThat(bar(moved, 0x10, 0)).isEqualTo(0x80_0040_0000L);
    }

    @Test
    void aHugePrefetchableBarGoesThroughItsPortsWindow() {
        long huge = 128L << 30;
        for (int slot : new int[] {1, 2}) {
            RootPort port = PortCatalog.rootPort("rp" + slot);
            root.add(slot << 3, port);
            port.secondary().add(0, assigned(Bar.Kind.MEMORY_32, 16 << 20, huge));
        }
        machine.add("ecam", ECAM, pci.ecam());
        PciHost host = host(false);
        host.enumerate();
        assertThat(host.unplaced()).isEmpty();
        for (int bus : new int[] {1, 2}) {
            long at = bar(host, bus << 8, 2);
            assertThat(at % huge).isZero();
            int port = bus << 3;
            long base = (host.config().read(port, 0x24, 2) & 0xfff0L) << 16;
            base |= (long) host.config().read(port, 0x28, 4) << 32;
            assertThat(base).isEqualTo(at);
        }
        assertThat(bar(host, 0x100, 2)).isNotEqualTo(bar(host, 0x200, 2));
    }

    @Test
    void aBarWithoutRoomIsLeftOutAndTheOthersAreNot() {
        root.add(1 << 3, endpoint("nvme"));
        root.add(2 << 3, endpoint("e1000e"));
        machine.add("ecam", ECAM, pci.ecam());
        List<HostWindow> small =
                List.of(new HostWindow(HostWindow.Space.MEM32, 0x1000_0000, 0x1000_0000, 0x4_8000));
        PciHost host = new PciHost(machine, new PciHost.Setup(0, ECAM, 0, 255, small, false));
        host.enumerate();
        assertThat(host.unplaced()).isNotEmpty();
        assertThat(bar(host, 0x10, 0)).isEqualTo(0x1000_0000L);
    }
}
