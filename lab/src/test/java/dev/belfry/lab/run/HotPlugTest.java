package dev.belfry.lab.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.host.iommufd.IommufdView;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Devices come and go while the guest runs.
class HotPlugTest {

    @TempDir private Path directory;
    private RunSession vm;

    @BeforeEach
    void boot() throws Exception {
        vm = PlugScene.start(directory);
    }

    private List<IommufdView.ObjectInfo> objects() {
        return vm.platform().vm().passedThrough().iommufds().getFirst().inspect().objects();
    }

    @Test
    void aDeviceThatIsPluggedInDoesDmaAndItsVectorsArrive() {
        Step step = vm.perform(PlugScene.second());
        assertThat(step.outcome()).as(step.sentence()).isEqualTo(Step.Outcome.DONE);
        assertThat(step.vectors()).hasSize(4).allMatch(RunReport.Vector::delivered);
        assertThat(step.dma()).hasSize(2).allMatch(RunReport.Dma::verified);
        RunReport report = vm.finish();
        assertThat(report.devices()).extracting(RunReport.Device::name).contains("hot0");
        assertThat(report.allWell()).isTrue();
    }

    @Test
    void whatADeviceHeldIsGoneWhenItLeftAndTheOthersGoOn() {
        List<IommufdView.ObjectInfo> before = objects();
        for (int round = 0; round < 3; round++) {
            assertThat(vm.perform(PlugScene.second()).outcome()).isEqualTo(Step.Outcome.DONE);
            assertThat(objects()).hasSizeGreaterThan(before.size());
            Step gone = vm.perform(new Action.DeviceDel("hot0"));
            assertThat(gone.outcome()).as(gone.sentence()).isEqualTo(Step.Outcome.DONE);
            assertThat(objects()).isEqualTo(before);
        }
        assertThat(vm.platform().vm().passedThrough().devices()).hasSize(1);
        Step rest = vm.perform(new Action.Fire("dev0", OptionalInt.empty()));
        assertThat(rest.vectors()).hasSize(3).allMatch(RunReport.Vector::delivered);
        assertThat(vm.finish().notes()).noneMatch(n -> n.severity().equals("error"));
    }

    /// What the guest was told stays as the first device settled it; QEMU compares before it asks
    /// the host.
    @Test
    void aDeviceOfAnSmmuThatHasLessIsRefusedBeforeTheHostIsAsked() throws Exception {
        try (RunSession other = PlugScene.withASmallerSecondSmmu(directory)) {
            Step step =
                    other.perform(
                            PlugScene.add(
                                    "driver=vfio-pci,host=0003:01:00.0,bus=rp1,iommufd=iommufd0"));
            assertThat(step.outcome()).isEqualTo(Step.Outcome.REFUSED);
            assertThat(step.message().orElse(""))
                    .startsWith("vfio 0003:01:00.0: Failed to set vIOMMU: Host SMMUv3 ");
            assertThat(step.errno()).isEmpty();
            Step rest = other.perform(new Action.Fire("dev0", OptionalInt.empty()));
            assertThat(rest.outcome()).isEqualTo(Step.Outcome.DONE);
        }
    }

    @Test
    void theLastDeviceTakesEverythingWithIt() {
        vm.perform(new Action.DeviceDel("dev0"));
        assertThat(objects()).isEmpty();
        assertThat(vm.platform().guest().report().devices()).noneMatch(d -> d.vendorId() == 0x15b3);
        Step again =
                vm.perform(
                        PlugScene.add(
                                "driver=vfio-pci,host=0003:01:00.0,bus=rp0,iommufd=iommufd0,id=b"));
        assertThat(again.outcome()).as(again.sentence()).isEqualTo(Step.Outcome.DONE);
    }

    @Test
    void theDeviceThatTheGuestsCommandQueuesCameWithMustStay() throws Exception {
        RunSession queues = PlugScene.withCmdqv(directory);
        Step step = queues.perform(new Action.DeviceDel("dev0"));
        assertThat(step.outcome()).as(step.sentence()).isEqualTo(Step.Outcome.REFUSED);
        assertThat(step.sentence()).contains("CMDQV");
        Step rest = queues.perform(new Action.Fire("dev0", OptionalInt.empty()));
        assertThat(rest.vectors()).hasSize(3).allMatch(RunReport.Vector::delivered);
    }

    @Test
    void afterTheEndNothingIsHeld() {
        vm.perform(PlugScene.second());
        vm.finish();
        assertThat(objects()).isEmpty();
        assertThat(vm.platform().host().machine().description().devices())
                .allSatisfy(d ->
                        assertThat(
                                        vm.platform()
                                                .host()
                                                .openVfio(
                                                        d.bdf(),
                                                        dev.belfry.host.uapi.IoctlFilter.NONE)
                                                .orElseThrow()
                                                .iommuDevice()
                                                .group()
                                                .owner())
                                .isEmpty());
    }

    @Test
    void aVectorArrivesWhereverItIsMovedAndAfterAReset() {
        vm.perform(PlugScene.second());
        assertThat(vm.perform(new Action.Affinity("hot0", 2, 0, false)).outcome())
                .isEqualTo(Step.Outcome.DONE);
        assertThat(vm.perform(new Action.Affinity("hot0", 2, 3, true)).outcome())
                .isEqualTo(Step.Outcome.DONE);
        Step reset = vm.perform(new Action.Reset("hot0"));
        assertThat(reset.outcome()).as(reset.sentence()).isEqualTo(Step.Outcome.DONE);
        assertThat(reset.vectors()).hasSize(4);
    }

    /// Classes and words of a QEMU 10.0.2 that was asked the same.
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "bus=rp1 | GenericError | Parameter 'driver' is missing",
                "driver=foo,bus=rp1 | GenericError | 'foo' is not a valid device model name",
                "driver=nvme,bus=nobus | GenericError | Bus 'nobus' not found",
                "driver=nvme,bus=pcie.0 | GenericError | Bus 'pcie.0' does not support hotplugging",
                "driver=nvme,bus=rp3 | GenericError | Bus 'rp3' does not support hotplugging",
                "driver=nvme | GenericError | Bus 'pcie.2' does not support hotplugging",
                "driver=vfio-pci-nohotplug,host=0002:01:01.0,bus=rp1 | GenericError | Device"
                        + " 'vfio-pci-nohotplug' does not support hotplugging",
                "driver=nvme,bus=rp1,id=dev0 | GenericError | Duplicate device ID 'dev0'",
                "driver=vfio-pci,bus=rp0,host=0002:01:01.0,iommufd=iommufd0 | GenericError | PCI: slot"
                        + " 0 function 0 already occupied by vfio-pci, new func vfio-pci cannot be"
                        + " exposed to guest.",
                "driver=vfio-pci,bus=rp1,host=0002:01:01.0,iommufd=nope | DeviceNotFound | Device"
                        + " 'nope' not found",
                "driver=vfio-pci,bus=rp1,iommufd=iommufd0 | GenericError | No provided host device",
                "driver=vfio-pci,bus=rp1,host=0000:99:00.0,iommufd=iommufd0 | GenericError | vfio"
                        + " /sys/bus/pci/devices/0000:99:00.0: no such host device: No such file or"
                        + " directory",
            })
    void refusalsAreQemus(String properties, String errorClass, String message) {
        Step step = vm.perform(PlugScene.add(properties.strip()));
        assertThat(step.outcome()).isEqualTo(Step.Outcome.REFUSED);
        assertThat(step.errorClass()).hasValue(errorClass);
        assertThat(step.message()).hasValue(message);
        goesOn();
    }

    /// hw/arm/smmuv3-accel.c and hw/vfio/pci.c; the last one is the kernel's `EINVAL`.
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "driver=vfio-pci,bus=rp1,host=0002:01:01.0 | vfio-pci endpoint devices without an"
                        + " iommufd backend not allowed when using arm-smmuv3,accel=on",
                "driver=nvme,bus=rp1,serial=a | Emulated endpoint devices are not allowed when using"
                        + " arm-smmuv3,accel=on",
                "driver=vfio-pci,bus=rp4,host=0002:01:01.0,iommufd=iommufd0 | device 0002:01:01.0"
                        + " requires iommu MAP notifier which is not currently supported",
                "driver=vfio-pci,bus=rp1,host=0003:01:00.0,iommufd=iommufd0 | vfio 0003:01:00.0:"
                        + " Failed to set vIOMMU: the host refuses to nest for 0003:01:00.0: EINVAL",
                "driver=vfio-pci,bus=rp1,host=0002:01:00.0,iommufd=iommufd0 | device 0002:01:00.0 is"
                        + " already attached",
            })
    void whatMayNotSitThereIsRefused(String properties, String beginning) {
        List<IommufdView.ObjectInfo> before = objects();
        Step step = vm.perform(PlugScene.add(properties.strip()));
        assertThat(step.outcome()).isEqualTo(Step.Outcome.REFUSED);
        assertThat(step.message().orElse("")).startsWith(beginning.strip());
        assertThat(objects()).isEqualTo(before);
        goesOn();
    }

    @Test
    void whatCannotLeaveStays() {
        assertThat(vm.perform(new Action.DeviceDel("zz")).message())
                .hasValue("Device 'zz' not found");
        assertThat(vm.perform(new Action.DeviceDel("zz")).errorClass()).hasValue("DeviceNotFound");
        assertThat(vm.perform(new Action.DeviceDel("rp1")).message())
                .hasValue("Bus 'pcie.1' does not support hotplugging");
        goesOn();
    }

    private void goesOn() {
        assertThat(vm.perform(new Action.Fire("dev0", OptionalInt.empty())).outcome())
                .isEqualTo(Step.Outcome.DONE);
        Step next = vm.perform(PlugScene.second());
        assertThat(next.outcome()).as(next.sentence()).isEqualTo(Step.Outcome.DONE);
    }
}
