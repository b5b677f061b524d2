package dev.belfry.model.pci;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.model.journey.Probe;
import dev.belfry.model.pci.spec.Capability;
import dev.belfry.model.pci.spec.CapabilityId;
import dev.belfry.model.pci.spec.ConfigRegister;
import dev.belfry.model.pci.spec.ConfigSpace;
import dev.belfry.model.pci.spec.ExpressCapability;
import dev.belfry.model.pci.spec.ExtendedCapabilityId;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The modelled functions after reset and under sizing, against a real QEMU's.
class QemuConfigTest {

    private static final EndpointSettings ON_ROOT = EndpointSettings.DEFAULT.withOnRootBus(true);

    /// `name`, where qemu-config.txt has it, whether it is on the root bus there.
    @ParameterizedTest
    @CsvSource({
        "nvme, 0010, true",
        "edu, 0018, true",
        "e1000e, 0020, true",
        "pci-testdev, 0030, true",
        "virtio-rng-pci, 0038, true",
        "virtio-net-pci, 0040, true",
        "virtio-balloon-pci, 0048, true",
        "virtio-serial-pci, 0050, true",
        "virtio-gpu-pci, 0058, true",
        "virtio-keyboard-pci, 0078, true",
        "virtio-scsi-pci, 0080, true",
        "virtio-crypto-pci, 0088, true",
        "virtio-scsi-pci, 0100, false"
    })
    void endpointsLookAsInQemu(String name, String at, boolean onRoot) {
        PciCaptures.QemuFunction qemu = PciCaptures.qemu(Integer.parseInt(at, 16));
        Endpoint ours =
                EndpointCatalog.create(name, EndpointSettings.DEFAULT.withOnRootBus(onRoot))
                        .orElseThrow();
        RootBus root = new PciSegment(0, Probe.NONE).addRootBus("pcie.0", 0);
        if (onRoot) {
            root.add(qemu.routingId() & 0xff, ours);
        } else {
            root.add(0x28, PortCatalog.rootPort("rp")).secondary().add(0, ours);
        }
        compareHeaders(ours, qemu);
        boolean virtio = name.startsWith("virtio");
        compareCapabilities(ours, qemu);
        compareSizing(ours, qemu, virtio ? 1 : 0);
    }

    @ParameterizedTest
    @CsvSource({
        "pcie-root-port, 0028",
        "x3130-upstream, 0200",
        "xio3130-downstream, 0300",
        "pcie-pci-bridge, 0068"
    })
    void bridgesLookAsInQemu(String name, String at) {
        PciCaptures.QemuFunction qemu = PciCaptures.qemu(Integer.parseInt(at, 16));
        Bridge ours = PortCatalog.bridge(name, "below").orElseThrow();
        new PciSegment(0, Probe.NONE).addRootBus("pcie.0", 0).add(8, ours);
        compareHeaders(ours, qemu);
        compareCapabilities(ours, qemu);
        compareSizing(ours, qemu, 0);
        compareWindows(ours, qemu);
    }

    @Test
    void hostBridgesLookAsInQemu() {
        compareHeaders(PortCatalog.hostBridge(), PciCaptures.qemu(0x0000));
        compareHeaders(PortCatalog.expander(), PciCaptures.qemu(0x0070));
    }

    @Test
    void theRootPortsExtendedCapabilitiesAreThoseOfQemu() {
        Bridge ours = PortCatalog.rootPort("rp");
        ConfigSpace theirs = ConfigSpace.of(PciCaptures.qemu(0x28).config());
        assertThat(ours.configSpace().extendedCapabilities())
                .hasSize(2)
                .isEqualTo(theirs.extendedCapabilities());
        int acs = theirs.find(ExtendedCapabilityId.ACS).orElseThrow().offset();
        assertThat(ours.configRead(acs + 4, 2)).isEqualTo(theirs.read(acs + 4, 2));
        // severity and mask of AER
        assertThat(ours.configRead(0x10c, 4)).isEqualTo(theirs.read(0x10c, 4));
        assertThat(ours.configRead(0x114, 4)).isEqualTo(theirs.read(0x114, 4));
    }

    private static void compareHeaders(PciFunction ours, PciCaptures.QemuFunction qemu) {
        ConfigSpace a = ours.configSpace();
        ConfigSpace b = ConfigSpace.of(qemu.config());
        assertThat(a.vendorId()).isEqualTo(b.vendorId());
        assertThat(a.deviceId()).isEqualTo(b.deviceId());
        assertThat(a.classCode()).isEqualTo(b.classCode());
        for (ConfigRegister r : List.of(ConfigRegister.REVISION_ID, ConfigRegister.HEADER_TYPE)) {
            assertThat(a.read(r)).as(r.name()).isEqualTo(b.read(r));
        }
        if (b.headerType().isEndpoint()) {
            assertThat(a.read(ConfigRegister.SUBSYSTEM_VENDOR_ID.offset(), 4))
                    .isEqualTo(b.read(ConfigRegister.SUBSYSTEM_VENDOR_ID.offset(), 4));
        }
    }

    /// All but vendor-specific and hot-plug ones, in the same order at the same places, with the
    /// same MSI and MSI-X words and the same Device/Port Type.
    private static void compareCapabilities(PciFunction ours, PciCaptures.QemuFunction qemu) {
        ConfigSpace a = ours.configSpace();
        ConfigSpace b = ConfigSpace.of(qemu.config());
        assertThat(a.capabilities()).isEqualTo(modelled(b));
        assertThat(a.msix()).isEqualTo(b.msix());
        assertThat(a.msi()).isEqualTo(b.msi());
        assertThat(a.express().map(ExpressCapability::type))
                .isEqualTo(b.express().map(ExpressCapability::type));
        if (b.headerType().isEndpoint()) {
            // QEMU's switch ports have the bit too; PCIe 7.5.3.3 keeps it for endpoints
            assertThat(a.express().map(ExpressCapability::functionLevelReset))
                    .isEqualTo(b.express().map(ExpressCapability::functionLevelReset));
        }
    }

    private static List<Capability> modelled(ConfigSpace qemu) {
        return qemu.capabilities().stream()
                .filter(c -> c.id() != CapabilityId.VENDOR_SPECIFIC)
                .filter(c -> c.id() != CapabilityId.HOT_PLUG)
                .toList();
    }

    private static void compareSizing(
            PciFunction ours, PciCaptures.QemuFunction qemu, int firstBar) {
        for (int i = 0; i < qemu.bars().size(); i++) {
            ours.configWrite(ConfigRegister.bar(i), 4, 0xffff_ffffL);
        }
        List<Long> read =
                IntStream.range(firstBar, qemu.bars().size())
                        .mapToObj(i -> ours.configRead(ConfigRegister.bar(i), 4))
                        .toList();
        assertThat(read).isEqualTo(qemu.bars().subList(firstBar, qemu.bars().size()));
        ours.configWrite(ConfigRegister.COMMAND.offset(), 2, 0xffff);
        assertThat(ours.configRead(ConfigRegister.COMMAND.offset(), 2)).isEqualTo(qemu.command());
    }

    private static void compareWindows(Bridge ours, PciCaptures.QemuFunction qemu) {
        assertThat(qemu.words()).isNotEmpty();
        for (long[] w : qemu.words()) {
            int at = (int) w[0];
            if (at == 0x18 || at == 0x1c || at == 0x3c) {
                continue; // latency timer, PCI-X status and wired interrupts are not modelled
            }
            ours.configWrite(at, 4, 0xffff_ffffL);
            assertThat(ours.configRead(at, 4)).as("%x", at).isEqualTo(w[1]);
            ours.configWrite(at, 4, 0);
            assertThat(ours.configRead(at, 4)).as("%x", at).isEqualTo(w[2]);
        }
        ours.configWrite(0x18, 4, 0xffff_ffffL);
        assertThat(ours.configRead(0x18, 3)).isEqualTo(0xff_ffffL);
        ours.configWrite(0x1c, 2, 0xffff);
        assertThat(ours.configRead(0x1c, 2)).isEqualTo(0xf0f0);
    }

    @Test
    void anUnknownNameIsNoEndpoint() {
        assertThat(EndpointCatalog.create("vfio-pci", ON_ROOT)).isEmpty();
        for (String name : EndpointCatalog.names()) {
            assertThat(EndpointCatalog.create(name, ON_ROOT)).as(name).isPresent();
        }
    }
}
