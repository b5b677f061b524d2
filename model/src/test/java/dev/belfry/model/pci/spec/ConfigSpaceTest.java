package dev.belfry.model.pci.spec;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.model.pci.PciCaptures;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Captured configuration spaces, against what another program made of them.
class ConfigSpaceTest {

    @ParameterizedTest
    @ValueSource(strings = {"translated", "passthrough"})
    void capturedBusesDecodeToWhatAnotherProgramRead(String capture) {
        List<String> ours = new ArrayList<>();
        for (int bus = 0; bus < 3; bus++) {
            byte[] ecam = PciCaptures.bytes(capture + "/ecam-bus" + bus + ".bin.gz");
            for (int devfn = 0; devfn < 256; devfn++) {
                ConfigSpace config =
                        ConfigSpace.of(Arrays.copyOfRange(ecam, devfn << 12, (devfn + 1) << 12));
                if (config.isPresent()) {
                    describe(capture, bus << 8 | devfn, config, ours);
                }
            }
        }
        assertThat(ours).hasSizeGreaterThan(20);
        assertThat(ours).isEqualTo(PciCaptures.lines(capture + "/pci-msix.txt"));
    }

    /// In the words of the capturing script.
    private static void describe(
            String capture, int routingId, ConfigSpace config, List<String> out) {
        Bdf bdf = Bdf.of(0, routingId);
        List<String> bars = new ArrayList<>();
        for (int i = 0; i < (config.headerType().isBridge() ? 2 : 6); i++) {
            bars.add(String.format("%08x", config.read(ConfigRegister.bar(i), 4)));
        }
        String caps =
                config.capabilities().stream()
                        .map(c -> String.format("%02x@%02x", c.code(), c.offset()))
                        .collect(Collectors.joining(" "));
        out.add(
                String.format(
                        "%s rid=0x%04x %04x:%04x cmd=%04x bars=%s caps=%s",
                        bdf.withoutSegment(),
                        routingId,
                        config.vendorId(),
                        config.deviceId(),
                        config.command().value(),
                        String.join(" ", bars),
                        caps));
        config.msi().ifPresent(m -> out.add(msi(m, config)));
        config.msix().ifPresent(m -> msix(capture, bdf, config, m, out));
    }

    private static String msi(MsiCapability msi, ConfigSpace config) {
        StringBuilder bytes = new StringBuilder();
        for (int i = 0; i < 24; i++) {
            bytes.append(String.format("%02x", config.read(msi.offset() + i, 1)));
        }
        return String.format("   MSI ctl=%04x bytes=%s", msi.messageControl(), bytes);
    }

    private static void msix(
            String capture, Bdf bdf, ConfigSpace config, MsixCapability m, List<String> out) {
        long table = config.msixTableAddress().orElseThrow();
        out.add(
                String.format(
                        "   MSI-X ctl=%04x entries=%d enabled=%d table=BAR%d+0x%x (pa 0x%x)"
                                + " pba=BAR%d+0x%x (pa 0x%x)",
                        m.messageControl(),
                        m.vectors(),
                        m.enabled() ? 1 : 0,
                        m.tableBar(),
                        m.tableOffset(),
                        table,
                        m.pbaBar(),
                        m.pbaOffset(),
                        table - m.tableOffset() + m.pbaOffset()));
        byte[] raw =
                PciCaptures.bytes(
                        capture + "/msix-" + bdf.withoutSegment().replace(':', '.') + ".bin");
        assertThat(MsixEntry.count(raw)).isEqualTo(m.vectors());
        for (int i = 0; i < Math.min(4, m.vectors()); i++) {
            MsixEntry e = MsixEntry.of(raw, i);
            out.add(
                    String.format(
                            "     [%d] addr=%016x data=%08x ctl=%08x",
                            i, e.address(), e.data(), e.vectorControl()));
        }
    }

    @Test
    void aMaskedEntryIsSeenAsMasked() {
        byte[] raw = PciCaptures.bytes("msix-masked/msix-00.02.0.bin");
        assertThat(MsixEntry.of(raw, 0).masked()).isFalse();
        assertThat(MsixEntry.of(raw, 1).masked()).isTrue();
    }

    @Test
    void aCapturedRootPortTellsItsBusesWindowsAndType() {
        ConfigSpace port = ConfigSpace.of(PciCaptures.config("translated", 0, 0x28));
        assertThat(port.headerType().isBridge()).isTrue();
        assertThat(port.secondaryBus()).isEqualTo(2);
        assertThat(port.subordinateBus()).isEqualTo(2);
        // as QEMU's "info pci" printed them
        assertThat(port.memoryWindow()).isEqualTo(new BridgeWindow(0x10200000, 0x103fffff));
        assertThat(port.prefetchableWindow())
                .isEqualTo(new BridgeWindow(0x8000200000L, 0x80003fffffL));
        assertThat(port.express().orElseThrow().type()).isEqualTo(PortType.ROOT_PORT);
        assertThat(port.extendedCapabilities())
                .extracting(ExtendedCapability::id)
                .containsExactly(ExtendedCapabilityId.AER, ExtendedCapabilityId.ACS);
    }

    @Test
    void theConventionalHostBridgeHasNoExtendedCapabilities() {
        ConfigSpace host = ConfigSpace.of(PciCaptures.config("translated", 0, 0));
        assertThat(host.vendorId()).isEqualTo(0x1b36);
        assertThat(host.extendedCapabilities()).isEmpty();
        assertThat(host.capabilities()).isEmpty();
    }

    @Test
    void listsThatLoopEnd() {
        byte[] config = PciCaptures.config("translated", 0, 0x20);
        config[0xa1] = (byte) 0xc8;
        config[0x143] = 0x10;
        config[0x142] = 0x01;
        ConfigSpace looping = ConfigSpace.of(config);
        assertThat(looping.capabilities())
                .extracting(Capability::offset)
                .containsExactly(0xc8, 0xd0, 0xe0, 0xa0);
        assertThat(looping.extendedCapabilities()).hasSize(2);
    }

    @Test
    void noBytesMakeTheDecodersThrowOrRunAway() {
        Random random = new Random(0x5eed);
        for (int round = 0; round < 2000; round++) {
            byte[] config = new byte[random.nextBoolean() ? 256 : random.nextInt(4097)];
            random.nextBytes(config);
            if (config.length > 0x34) {
                config[6] |= 0x10;
                config[0xe] &= (byte) 0x81;
            }
            ConfigSpace space = ConfigSpace.of(config);
            assertThat(space.capabilities()).hasSizeLessThanOrEqualTo(48);
            assertThat(space.extendedCapabilities()).hasSizeLessThanOrEqualTo(960);
            assertThat(space.bars()).hasSizeLessThanOrEqualTo(6);
            space.msix().ifPresent(m -> assertThat(m.vectors()).isBetween(1, 2048));
            space.msi().ifPresent(m -> assertThat(m.vectorsEnabled()).isBetween(1, 32));
            space.express();
            space.msixTableAddress();
        }
    }
}
