package dev.belfry.model.pci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.model.journey.Probe;
import dev.belfry.model.pci.spec.Bdf;
import dev.belfry.model.pci.spec.EduLayout;
import dev.belfry.model.pci.spec.PortType;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PciSegmentTest {

    private Hierarchy h = new Hierarchy(Probe.NONE);

    @BeforeEach
    void build() {
        h = new Hierarchy(Probe.NONE);
    }

    @Test
    void onlyRootBusesAnswerBeforeSoftwareNumbersTheOthers() {
        assertThat(h.config(0x10, 0, 4)).isEqualTo(0x0010_1b36L);
        assertThat(h.config(0x4000, 0, 4)).isEqualTo(0x000c_1b36L);
        for (int bus = 1; bus < 256; bus++) {
            if (bus != 0x40) {
                assertThat(h.config(bus << 8, 0, 4)).as("bus %x", bus).isEqualTo(0xffff_ffffL);
            }
        }
        assertThat(h.config(0xff8, 0, 2)).isEqualTo(0xffff);
    }

    @Test
    void aScanFindsEverythingWhereItPutIt() {
        h.enumerate();
        assertThat(h.config(0x100, 2, 2)).isEqualTo(0x1041);
        assertThat(h.config(0x400, 0, 4)).isEqualTo(0x2330_10deL);
        assertThat(h.config(0x4100, 0, 4)).isEqualTo(0x11e8_1234L);
        assertThat(h.segment.find(new Bdf(0, 4, 0, 0))).contains(h.accelerator);
        assertThat(h.segment.find(new Bdf(1, 4, 0, 0))).isEmpty();
        assertThat(h.accelerator.bdf()).isEqualTo(new Bdf(0, 4, 0, 0));
        assertThat(h.segment.functions()).hasSize(10);
    }

    @Test
    void aRenumberedBusChangesRequesterIds() {
        h.enumerate();
        List<String> told = new ArrayList<>();
        h.segment.addListener(
                new PciListener() {
                    @Override
                    public void busNumbersChanged(Bridge bridge) {
                        told.add(bridge + " " + bridge.secondaryBusNumber());
                    }
                });
        for (int port : new int[] {0x20, 0x200, 0x300, 0x400}) {
            h.enable(port);
        }
        assertThat(h.accelerator.dmaWrite(0x1000, new byte[] {1, 2, 3, 4})).isTrue();
        h.buses(0x300, 3, 5, 5);
        h.accelerator.dmaWrite(0x1000, new byte[] {1, 2, 3, 4});
        assertThat(h.dma).containsExactly("0x400 W 0x1000 01020304", "0x500 W 0x1000 01020304");
        assertThat(told).containsExactly("0000:03:00.0 5", "0000:03:00.0 5");
        assertThat(h.config(0x400, 0, 4)).isEqualTo(0xffff_ffffL);
    }

    @Test
    void dmaNeedsBusMasterEnableAllTheWayUp() {
        h.enumerate();
        assertThat(h.accelerator.dmaRead(0, new byte[8])).isFalse();
        assertThat(h.accelerator.dmaBlockedBy()).contains(h.accelerator);
        h.enable(0x400);
        assertThat(h.accelerator.dmaBlockedBy()).contains(h.down0);
        h.enable(0x300);
        h.enable(0x200);
        assertThat(h.accelerator.dmaWrite(0, new byte[8])).isFalse();
        assertThat(h.accelerator.dmaBlockedBy()).contains(h.rp1);
        h.enable(0x20);
        assertThat(h.accelerator.dmaWrite(0, new byte[8])).isTrue();
        assertThat(h.dma).hasSize(1);
        // Received Master Abort of the read above, cleared by writing 1
        assertThat(h.config(0x400, 6, 2) & 0x2000).isNotZero();
        h.config(0x400, 6, 2, 0x2000);
        assertThat(h.config(0x400, 6, 2) & 0x2000).isZero();
    }

    @Test
    void behindAPcieToPciBridgeTheBridgeIsTheRequester() {
        PcieToPciBridge bridge = h.root.add(5, 0, PortCatalog.toPci("pci.1"));
        Endpoint below = bridge.secondary().add(6, 0, Hierarchy.endpoint("pci-testdev"));
        h.buses(0x28, 0, 7, 7);
        assertThat(below.bdf()).isEqualTo(new Bdf(0, 7, 6, 0));
        assertThat(below.requesterId()).isEqualTo(0x700);
    }

    @Test
    void windowsAreClosedUntilSoftwareOpensThem() {
        h.enumerate();
        h.config(0x100, 0x10, 4, 0x1020_0000L);
        h.enable(0x100);
        h.enable(0x18);
        assertThat(h.read(0x1020_0000L, 4)).isEqualTo(0xffff_ffffL);
        h.window(0x18, 0x1020_0000L, 0x102f_0000L);
        assertThat(h.read(0x1020_0000L, 4)).isEqualTo(EduLayout.IDENTIFICATION_VALUE);
        // beyond the BAR, inside the window
        assertThat(h.read(0x1020_1000L, 4)).isEqualTo(0xffff_ffffL);
        h.config(0x18, 4, 2, 0x4);
        assertThat(h.read(0x1020_0000L, 4)).isEqualTo(0xffff_ffffL);
        h.enable(0x18);
        h.config(0x100, 4, 2, 0x4);
        assertThat(h.read(0x1020_0000L, 4)).isEqualTo(0xffff_ffffL);
    }

    @Test
    void aBarMovesWithItsRegister() {
        h.config(0x10, 0x10, 4, 0x1100_0000L);
        h.enable(0x10);
        h.write(0x1100_0004L, 4, 0x1234);
        assertThat(h.read(0x1100_0004L, 4)).isEqualTo(0xffff_edcbL);
        h.config(0x10, 0x10, 4, 0x1200_0000L);
        assertThat(h.read(0x1200_0004L, 4)).isEqualTo(0xffff_edcbL);
        assertThat(h.read(0x1100_0004L, 4)).isEqualTo(0xffff_ffffL);
    }

    @Test
    void aBarOf128GiBCostsNothingAndLiesInThePrefetchableWindow() {
        h.enumerate();
        h.config(0x400, 0x18, 8, 0x80_0000_0000L);
        assertThat(h.config(0x400, 0x18, 8)).isEqualTo(0x80_0000_000cL);
        for (int port : new int[] {0x20, 0x200, 0x300}) {
            h.config(port, 0x24, 4, 0xfff1_0011L);
            h.config(port, 0x28, 4, 0x80);
            h.config(port, 0x2c, 4, 0x9f);
            h.enable(port);
        }
        h.enable(0x400);
        var high = h.segment.memoryWindow(0x80_0000_0000L, 1L << 39);
        // the windows begin 1 MiB above the BAR
        assertThat(high.read(0xf_fffcL, 4)).isEqualTo(0xffff_ffffL);
        assertThat(high.read(0x10_0000L, 4)).isZero();
        assertThat(high.read((128L << 30) - (16L << 30), 4)).isZero();
    }

    @Test
    void devicesWithSeveralFunctionsSaySo() {
        assertThat(h.config(0x10, 0x0e, 1)).isZero();
        h.root.add(2, 3, Hierarchy.endpoint("pci-testdev"));
        assertThat(h.config(0x10, 0x0e, 1)).isEqualTo(0x80);
        assertThat(h.config(0x13, 0x0e, 1)).isEqualTo(0x80);
        assertThatThrownBy(() -> h.root.add(2, 3, Hierarchy.endpoint("edu")))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void endpointsOnARootBusAreIntegrated() {
        assertThat(h.nvme.configSpace().express().orElseThrow().type())
                .isEqualTo(PortType.ROOT_COMPLEX_INTEGRATED_ENDPOINT);
        assertThat(h.net.configSpace().express().orElseThrow().type()).isEqualTo(PortType.ENDPOINT);
    }

    @Test
    void aConventionalFunctionHasNoExtendedConfigurationSpace() {
        h.enumerate();
        assertThat(h.config(0x4100, 0xfc, 4)).isZero();
        assertThat(h.config(0x4100, 0x100, 4)).isEqualTo(0xffff_ffffL);
        assertThat(h.config(0x400, 0xffc, 4)).isZero();
    }

    @Test
    void removedFunctionsAreGone() {
        h.enumerate();
        h.enable(0x18);
        h.enable(0x100);
        h.rp0.secondary().remove(0);
        assertThat(h.config(0x100, 0, 4)).isEqualTo(0xffff_ffffL);
        assertThat(h.net.isAttached()).isFalse();
        assertThat(h.net.dmaWrite(0, new byte[4])).isFalse();
        h.root.remove(0x18);
        assertThat(h.config(0x18, 0, 4)).isEqualTo(0xffff_ffffL);
    }

    @Test
    void secondaryBusResetAndFunctionLevelResetForgetWhatSoftwareWrote() {
        h.enumerate();
        List<PciFunction> reset = new ArrayList<>();
        h.segment.addListener(
                new PciListener() {
                    @Override
                    public void functionReset(PciFunction function) {
                        reset.add(function);
                    }
                });
        h.enable(0x100);
        h.config(0x18, 0x3e, 2, 0x40);
        assertThat(h.config(0x100, 4, 2)).isZero();
        assertThat(reset).containsExactly(h.net);
        h.config(0x10, 0x10, 4, 0x1100_0000L);
        h.config(0x10, 0x88, 2, 0x8000);
        assertThat(reset).containsExactly(h.net, h.nvme);
        assertThat(h.config(0x10, 0x10, 4)).isEqualTo(4);
        assertThat(h.config(0x10, 0x88, 2)).isZero();
    }
}
