package dev.belfry.lab.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.model.journey.HopKind;
import dev.belfry.model.journey.Where;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Machines of many shapes, all of which deliver.
class ShapesOfMachinesTest {

    @ParameterizedTest
    @ValueSource(ints = {1, 8, 77, 200, 253})
    void busNumberDecidesStreamIdAndDeviceId(int bus) throws Exception {
        RunReport report =
                Runs.run(Runs.KVM + Runs.accelerated(1, bus) + Runs.device("0001:81:1f.3", 1));

        assertDelivered(report);
        RunReport.Device device = report.devices().getFirst();
        assertThat(device.device()).isEqualTo("%02x:00.0".formatted(bus + 1));
        assertThat(device.streamId()).hasValue((bus + 1) << 8);
        assertThat(report.vectors())
                .allSatisfy(v -> assertThat(v.way().routeDeviceId()).hasValue((bus + 1) << 8));
    }

    @Test
    void vectorsOfEightDevicesOnOneSmmuDoNotMeet() throws Exception {
        StringBuilder line = new StringBuilder(Runs.KVM + Runs.accelerated(1, 8));
        line.append(Runs.device("0002:01:00.0", 1));
        for (int n = 2; n <= 8; n++) {
            line.append(" -device pcie-root-port,id=rp%d,bus=pcie.1,chassis=%d".formatted(n, n));
            line.append(Runs.device("0002:01:00." + (n - 1), n));
        }
        RunReport report = Runs.run(line.toString());

        assertDelivered(report);
        assertThat(report.devices()).hasSize(8);
        assertThat(report.vectors()).extracting(v -> v.way().gsi()).doesNotHaveDuplicates();
        assertThat(report.vectors()).extracting(v -> v.way().guestIntid()).doesNotHaveDuplicates();
        assertThat(report.vectors()).extracting(v -> v.way().hostLpi()).doesNotHaveDuplicates();
    }

    @Test
    void aFunctionBehindASwitchKeepsItsOwnRequesterId() throws Exception {
        RunReport report =
                Runs.run(
                        Runs.KVM
                                + Runs.accelerated(1, 8)
                                + " -device x3130-upstream,id=up1,bus=rp1"
                                + " -device xio3130-downstream,id=d1,bus=up1,chassis=2"
                                + " -device xio3130-downstream,id=d2,bus=up1,chassis=3"
                                + " -device vfio-pci,host=0002:01:00.0,bus=d2,iommufd=iommufd0");

        assertDelivered(report);
        assertThat(report.devices())
                .extracting(RunReport.Device::device)
                .containsExactly("0c:00.0");
        assertThat(report.devices().getFirst().streamId()).hasValue(0xc00);
    }

    @Test
    void twoSmmusOverOnePhysicalSmmuShareOneNestingParent() throws Exception {
        RunReport report =
                Runs.run(
                        Runs.KVM
                                + Runs.accelerated(1, 8)
                                + Runs.device("0009:01:00.0", 1)
                                + Runs.accelerated(2, 16)
                                + Runs.device("0009:02:00.0", 2)
                                + " -device nvme,serial=a,bus=pcie.0");

        assertDelivered(report);
        List<RunReport.GuestSmmu> smmus = report.machine().smmus();
        assertThat(smmus)
                .extracting(RunReport.GuestSmmu::host)
                .allMatch(smmus.get(0).host()::equals);
        assertThat(smmus.get(0).parentHwpt()).isPresent().isEqualTo(smmus.get(1).parentHwpt());
        assertThat(report.devices()).hasSize(3);
    }

    @Test
    void twoSmmusOverTwoPhysicalSmmusHaveAParentEach() throws Exception {
        RunReport report =
                Runs.run(
                        Runs.KVM
                                + Runs.accelerated(1, 8)
                                + Runs.device("0009:01:00.0", 1)
                                + Runs.accelerated(2, 16)
                                + Runs.device("0019:01:00.0", 2));

        assertDelivered(report);
        List<RunReport.GuestSmmu> smmus = report.machine().smmus();
        assertThat(smmus.get(0).host()).isNotEqualTo(smmus.get(1).host());
        assertThat(smmus.get(0).parentHwpt()).isNotEqualTo(smmus.get(1).parentHwpt());
    }

    @Test
    void twoIommufdsAreTwoWorlds() throws Exception {
        RunReport report =
                Runs.run(
                        Runs.KVM
                                + " -object {\"qom-type\":\"iommufd\",\"id\":\"second\"}"
                                + Runs.accelerated(1, 8)
                                + Runs.device("0009:01:00.0", 1)
                                + Runs.accelerated(2, 16)
                                + Runs.device("0009:02:00.0", 2)
                                        .replace("iommufd=iommufd0", "iommufd=second"));

        assertDelivered(report);
        // Ids count from the start again in each iommufd.
        assertThat(report.machine().smmus().get(0).parentHwpt())
                .isEqualTo(report.machine().smmus().get(1).parentHwpt());
    }

    @Test
    void jsonDevicesAndAutoPropertiesAreResolvedFromTheHost() throws Exception {
        RunReport report =
                Runs.run(
                        Runs.KVM
                                + Runs.pxb(1, 8)
                                + " -device {\"driver\":\"arm-smmuv3\",\"primary-bus\":\"pcie.1\","
                                + "\"id\":\"s\",\"accel\":true,\"oas\":\"auto\"}"
                                + " -device {\"driver\":\"vfio-pci\",\"host\":\"0009:01:00.0\","
                                + "\"bus\":\"rp1\",\"iommufd\":\"iommufd0\"}");

        assertDelivered(report);
        assertThat(report.notes())
                .anyMatch(n -> n.text().contains("oas=48") && n.text().contains("auto"));
    }

    @Test
    void deviceWithoutAnySmmuHasAGlobalAddressSpaceAndItsRouteIsLeftAlone() throws Exception {
        RunReport report = Runs.run(Runs.KVM + Runs.pxb(1, 8) + Runs.device("0009:01:00.0", 1));

        assertDelivered(report);
        RunReport.Device device = report.devices().getFirst();
        assertThat(device.smmu()).isEmpty();
        assertThat(device.addressSpace()).isEqualTo("system memory");
        assertThat(report.vectors())
                .allSatisfy(v -> assertThat(v.way().routeAddress()).isEqualTo(v.way().giova()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"1", "2", "nested"})
    void emulatedSmmusOfEveryStageTranslate(String stage) throws Exception {
        RunReport report =
                Runs.run(
                        Runs.TCG
                                + Runs.pxb(1, 8)
                                + " -device arm-smmuv3,primary-bus=pcie.1,id=s,stage="
                                + stage
                                + " -device e1000e,bus=rp1");

        assertDelivered(report);
        assertThat(report.devices().getFirst().policy()).isEqualTo("translate");
        HopKind walked = stage.equals("2") ? HopKind.STAGE2 : HopKind.STAGE1;
        assertThat(report.vectors())
                .allSatisfy(v -> assertThat(v.hops()).anyMatch(h -> h.kind() == walked));
    }

    @ParameterizedTest
    @ValueSource(strings = {"gic-version=3", "gic-version=2"})
    void aDeviceWithMsiAloneIsDelivered(String gic) throws Exception {
        RunReport report =
                Runs.run(
                        Runs.TCG.replace("gic-version=3", gic)
                                + Runs.pxb(1, 8)
                                + " -device arm-smmuv3,primary-bus=pcie.1,id=s"
                                + " -device edu,bus=rp1");

        assertDelivered(report);
        assertThat(report.vectors()).hasSize(1);
        assertThat(report.vectors().getFirst().hops().getFirst().kind())
                .isEqualTo(HopKind.MSI_ENTRY);
    }

    /// RAM begins at 1 GiB, and QEMU's edu puts out 28 bits unless it is told otherwise: a Linux
    /// driver's `dma_set_mask` fails, and it does no DMA.
    @Test
    void aDeviceWhoseDmaMaskReachesNoMemoryCopiesNothing() throws Exception {
        RunReport report = Runs.run(Runs.TCG + " -device edu,bus=pcie.0");

        assertThat(report.vectors()).hasSize(1).allMatch(RunReport.Vector::delivered);
        assertThat(report.dma()).isEmpty();
        assertThat(report.notes())
                .anyMatch(n -> n.text().contains("its DMA mask reaches no memory"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"iommu.strict=0", "iommu.strict=1", "iommu.passthrough=0"})
    void theKernelsIommuOptionsDoNotLoseAnything(String option) throws Exception {
        assertDelivered(Runs.run(Runs.ONE_DEVICE, "-append", "quiet " + option));
    }

    @Test
    void theMachinesOwnSmmuServesEveryRootBus() throws Exception {
        RunReport report =
                Runs.run(
                        Runs.TCG.replace("virt,", "virt,iommu=smmuv3,")
                                + Runs.pxb(1, 8)
                                + " -device nvme,serial=a,bus=rp1 -device"
                                + " virtio-net-pci,bus=pcie.0");

        assertDelivered(report);
        assertThat(report.devices()).hasSize(2).allMatch(d -> d.smmu().isPresent());
    }

    @ParameterizedTest
    @ValueSource(strings = {"msi=off", "its=off"})
    void withoutAnMsiControllerThereAreNoVectorsAndThatIsLegal(String option) throws Exception {
        RunReport report =
                Runs.run(Runs.ONE_DEVICE.replace("gic-version=3", "gic-version=3," + option));

        assertThat(report.allWell()).isTrue();
        assertThat(report.vectors()).isEmpty();
        assertThat(report.dma()).hasSize(2).allMatch(RunReport.Dma::verified);
        assertThat(report.machine().doorbell()).isEmpty();
    }

    @Test
    void gicv2mRoutesByGsiAndAsksNoFixup() throws Exception {
        RunReport report = Runs.run(Runs.ONE_DEVICE.replace("gic-version=3", "gic-version=2"));

        assertDelivered(report);
        assertThat(report.machine().doorbell()).hasValue(0x0802_0040L);
        assertThat(report.vectors())
                .allSatisfy(v -> {
                    int spi = v.way().guestIntid().orElseThrow();
                    assertThat(spi).isBetween(80, 143);
                    assertThat(v.way().gsi()).hasValue(spi - 32);
                    assertThat(v.way().routeDeviceId()).isEmpty();
                });
    }

    @Test
    void theHostsMemoryIsNeverWhereTheGuestThinks() throws Exception {
        RunReport report = Runs.run(Runs.ONE_DEVICE);

        for (RunReport.Vector v : report.vectors()) {
            List<Long> guest = tables(v, Where.GUEST);
            List<Long> host = tables(v, Where.HOST);
            assertThat(guest).isNotEmpty();
            assertThat(host).isNotEmpty().doesNotContainAnyElementsOf(guest);
        }
    }

    private static List<Long> tables(RunReport.Vector v, Where where) {
        return v.hops().stream()
                .filter(h -> h.where() == where)
                .filter(h ->
                        h.kind() == HopKind.STE
                                || h.kind() == HopKind.CD
                                || h.kind() == HopKind.STAGE1)
                .map(h -> h.address().orElseThrow())
                .toList();
    }

    @Test
    void everyVectorOf2048IsDelivered() throws Exception {
        RunReport report =
                Runs.onHost(
                        ExampleRunsTest.HOME.resolve("examples/hosts/many-vectors.yaml").toString(),
                        Runs.KVM + Runs.accelerated(1, 8) + Runs.device("0005:01:00.0", 1));

        assertDelivered(report);
        assertThat(report.vectors())
                .extracting(RunReport.Vector::vector)
                .containsExactlyElementsOf(IntStream.range(0, 2048).boxed().toList());
    }

    private static void assertDelivered(RunReport report) {
        assertThat(report.vectors()).isNotEmpty().allMatch(RunReport.Vector::delivered);
        assertThat(report.dma())
                .hasSize(2 * report.devices().size())
                .allMatch(RunReport.Dma::verified);
        assertThat(report.events()).isEmpty();
        assertThat(report.allWell()).isTrue();
    }
}
