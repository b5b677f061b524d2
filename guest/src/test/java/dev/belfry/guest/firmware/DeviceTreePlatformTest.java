package dev.belfry.guest.firmware;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.guest.firmware.FirmwareInfo.Cpu;
import dev.belfry.guest.firmware.FirmwareInfo.Source;
import dev.belfry.guest.firmware.HostBridge.Space;
import dev.belfry.guest.firmware.HostBridge.Window;
import dev.belfry.kernel.firmware.FirmwareError;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DeviceTreePlatformTest {

    private static final IdMap ALL = new IdMap(0, 0x1_0000, 0, 0);

    private static FirmwareInfo read(byte[] blob) {
        return FirmwareReader.read(AcpiFixture.memory(blob), AcpiFixture.BASE);
    }

    private static FirmwareInfo read(String name) {
        return read(AcpiFixture.resource(name));
    }

    @ParameterizedTest
    @ValueSource(strings = {"smmu.dtb", "secure-virt.dtb"})
    void aMachineWithSmmuAndItsIsDescribed(String name) {
        FirmwareInfo info = read(name);
        assertThat(info.source()).isEqualTo(Source.DEVICE_TREE);
        assertThat(info.cpus()).containsExactly(new Cpu(0), new Cpu(1));
        assertThat(info.gic())
                .isEqualTo(
                        new Gic(3, 0x0800_0000, List.of(new Gic.Range(0x080a_0000, 0xf6_0000)), 0));
        assertThat(info.msiControllers()).containsExactly(new MsiController.Its(0, 0x0808_0000));
        assertThat(info.smmus())
                .containsExactly(new SmmuNode(0x0905_0000, true, 106, 107, 109, 108));
        assertThat(info.rmrs()).isEmpty();
        assertThat(info.hostBridges())
                .containsExactly(
                        new HostBridge(
                                0,
                                0x40_1000_0000L,
                                0,
                                255,
                                List.of(
                                        new Window(Space.IO, false, 0x3eff_0000, 0, 0x1_0000),
                                        new Window(
                                                Space.MEM32,
                                                false,
                                                0x1000_0000,
                                                0x1000_0000,
                                                0x2eff_0000),
                                        new Window(
                                                Space.MEM64,
                                                false,
                                                0x80_0000_0000L,
                                                0x80_0000_0000L,
                                                0x80_0000_0000L)),
                                false,
                                true,
                                false,
                                List.of(ALL),
                                List.of(ALL)));
    }

    @Test
    void aBypassingRootBusHasAnSmmuButNoMap() {
        FirmwareInfo info = read("bypass.dtb");
        assertThat(info.smmus()).hasSize(1);
        assertThat(info.hostBridges().getFirst().iommuMaps()).isEmpty();
        assertThat(info.hostBridges().getFirst().msiMaps()).containsExactly(ALL);
    }

    @Test
    void aMachineMayHaveNoSmmu() {
        FirmwareInfo info = read("nosmmu.dtb");
        assertThat(info.smmus()).isEmpty();
        assertThat(info.hostBridges().getFirst().iommuMaps()).isEmpty();
        assertThat(info.msiControllers()).hasSize(1);
    }

    @Test
    void aGicv2HasAFrame() {
        FirmwareInfo info = read("gicv2.dtb");
        assertThat(info.gic()).isEqualTo(new Gic(2, 0x0800_0000, List.of(), 0x0801_0000));
        assertThat(info.msiControllers())
                .containsExactly(new MsiController.V2m(0, 0x0802_0000, 0, 0));
        assertThat(info.hostBridges().getFirst().msiMaps()).containsExactly(ALL);
    }

    @Test
    void flippedBytesGiveAPlatformOrAFirmwareError() {
        byte[] valid = AcpiFixture.resource("smmu.dtb");
        Random random = new Random(24);
        int read = 0;
        for (int i = 0; i < 200; i++) {
            byte[] bytes = valid.clone();
            for (int flips = random.nextInt(1, 10); flips > 0; flips--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
            }
            try {
                read(bytes);
                read++;
            } catch (FirmwareError e) {
                assertThat(e.getMessage()).isNotEmpty();
            }
        }
        assertThat(read).isBetween(1, 199);
    }
}
