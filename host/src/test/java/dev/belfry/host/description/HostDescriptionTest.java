package dev.belfry.host.description;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.host.HostKernel;
import dev.belfry.host.machine.HostMachine;
import dev.belfry.host.msi.SwMsiDesign;
import dev.belfry.host.uapi.KernelVersion;
import dev.belfry.kernel.iopgtable.Granule;
import dev.belfry.model.journey.Probe;
import dev.belfry.model.pci.spec.Bdf;
import dev.belfry.model.smmu.CacheMode;
import dev.belfry.model.smmu.spec.SmmuRegister.Idr0;
import dev.belfry.model.smmu.spec.SmmuRegister.Idr1;
import dev.belfry.model.smmu.spec.SmmuRegister.Idr3;
import dev.belfry.model.smmu.spec.SmmuRegister.Idr5;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class HostDescriptionTest {

    private static final String SMALL =
            """
            name: small
            kernel: 6.15
            page-size: 16K
            seed: 0x10
            cpus: 2
            ram: {base: 0x80000000, size: 4G}
            gic: {distributor: 0x8000000, redistributors: 0x80a0000}
            smmus:
              - {name: s0, base: 0x9050000, identity: grace}
              - name: s1
                base: 0x9070000
                identity: {idr0: 0x0d44101b, idr1: 0x02730010, idr3: 0x1404, idr5: 0x75, iidr: 0x43b}
            itss:
              - {name: its0, base: 0x8080000}
            devices:
              - {bdf: 0001:02:03.4, id: 10de:2342, smmu: s1, pasid: 20, ats: yes}
            module-options: {allow_unsafe_interrupts: on}
            """;

    @Test
    void readsWhatIsWritten() {
        HostDescription d = HostDescription.read("small.yaml", SMALL);
        assertThat(d.kernel()).isEqualTo(KernelVersion.V6_15);
        assertThat(d.pageSize()).isEqualTo(Granule.G16K);
        assertThat(d.seed()).isEqualTo(16);
        assertThat(d.ramSize()).isEqualTo(4L << 30);
        assertThat(d.smmu("s1").orElseThrow().identity().idr0()).isEqualTo(0x0d44101b);
        DeviceDescription device = d.device(new Bdf(1, 2, 3, 4)).orElseThrow();
        assertThat(device.vendorId()).isEqualTo(0x10de);
        assertThat(device.streamId()).isEqualTo(0x21c);
        assertThat(device.itsDeviceId()).isEqualTo(0x1021c);
        assertThat(device.smmu()).isEqualTo("s1");
        assertThat(device.ats()).isTrue();
        assertThat(d.options().allowUnsafeInterrupts()).isTrue();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "kernel: 6.15 | kernel: 5.10 | 2 | 6.13 to 6.19",
                "page-size: 16K | page-size: 8K | 3 | 4K, 16K or 64K",
                "seed: 0x10 | sead: 0x10 | 4 | seed",
                "cpus: 2 | cpus: 2000 | 5 | 1 to 512",
                "size: 4G | size: 4X | 6 | a size like 64G",
                "identity: grace | identity: graze | 9 | grace, kunpeng920",
                "idr3: 0x1404 | idr3: 0x123456789 | 12 | 8 digits",
                "bdf: 0001:02:03.4 | bdf: 0001:02:33.4 | 16 | 0000:01:00.0",
                "smmu: s1 | smmu: s7 | 16 | s0, s1",
                "base: 0x8080000 | base: 0x80000000 | 6 | move one of them",
                "ats: yes | ats: maybe | 16 | true or false",
                "cpus: 2 | cpus: [2 | 5 | YAML"
            })
    void aMistakeIsNamedWithItsLineAndWhatWouldBeRight(
            String good, String bad, int line, String hint) {
        assertThat(SMALL).contains(good);
        assertThatThrownBy(() -> HostDescription.read("h.yaml", SMALL.replace(good, bad)))
                .isInstanceOfSatisfying(
                        DescriptionError.class,
                        e -> {
                            assertThat(e.file()).isEqualTo("h.yaml");
                            assertThat(e.getMessage()).contains(hint);
                            if (!hint.equals("YAML")) {
                                assertThat(e.line()).isEqualTo(line);
                            }
                        });
    }

    static List<String> presets() {
        return HostDescription.presets();
    }

    @ParameterizedTest
    @MethodSource("presets")
    void everyPresetBootsAndEveryDeviceOpens(String name) {
        HostDescription d = HostDescription.preset(name);
        HostMachine machine = new HostMachine(d, new CacheMode.None(), Probe.NONE);
        HostKernel kernel =
                new HostKernel(machine, new HostKernel.Boot(new SwMsiDesign(), Probe.NONE));
        assertThat(d.devices()).isNotEmpty();
        for (DeviceDescription device : d.devices()) {
            assertThat(kernel.openVfio(device.bdf(), c -> java.util.Optional.empty()))
                    .as(device.bdf().toString())
                    .isPresent();
        }
        assertThat(kernel.messages()).isEmpty();
    }

    @Test
    void anUnknownPresetIsNamedWithThoseThatExist() {
        assertThatThrownBy(() -> HostDescription.preset("vax"))
                .isInstanceOf(DescriptionError.class)
                .hasMessageContaining("grace, kunpeng920");
    }

    @Test
    void aHostIsMadeUpWithAnSmmuForEachSetOfDevices() {
        IdentityWish wish =
                new IdentityWish(OptionalInt.of(52), OptionalInt.of(20), true, true, false);
        HostDescription d =
                HostDescription.inventFor(
                        List.of(
                                new RequestedDevice(new Bdf(9, 1, 0, 0), "a", wish),
                                new RequestedDevice(new Bdf(10, 1, 0, 0), "a", IdentityWish.NONE),
                                new RequestedDevice(new Bdf(9, 1, 0, 1), "b", IdentityWish.NONE)),
                        256L << 30);
        assertThat(d.smmus()).hasSize(2);
        assertThat(d.ramSize()).isGreaterThan(256L << 30);
        DeviceDescription first = d.device(new Bdf(9, 1, 0, 0)).orElseThrow();
        DeviceDescription second = d.device(new Bdf(10, 1, 0, 0)).orElseThrow();
        assertThat(first.smmu()).isEqualTo(second.smmu());
        assertThat(first.streamId()).isNotEqualTo(second.streamId());
        var raised = d.smmu(first.smmu()).orElseThrow().identity();
        assertThat(Idr0.ATS.isSet(raised.idr0())).isTrue();
        assertThat(Idr3.RIL.isSet(raised.idr3())).isTrue();
        assertThat(Idr1.SSIDSIZE.get(raised.idr1())).isEqualTo(20);
        assertThat(Idr5.OAS.get(raised.idr5())).isEqualTo(6);
        var other = d.smmus().get(1).identity();
        assertThat(Idr3.RIL.isSet(other.idr3())).isFalse();
        assertThat(Idr5.OAS.get(other.idr5())).isEqualTo(5);
    }
}
