package dev.belfry.vmm.machine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.tuple;

import dev.belfry.model.address.Gpa;
import dev.belfry.vmm.check.CheckedMachine;
import dev.belfry.vmm.cmdline.CommandLine;
import dev.belfry.vmm.cmdline.CommandLineError;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

/// Command lines as people publish them: mailing lists, documentation, launchers' golden files.
class FormsTest {

    private static final String ACCEL = "-machine virt,accel=kvm,gic-version=3 -nodefaults -m 1G ";

    private static MachineDescription machine(String options) {
        return CheckedMachine.accepted(CommandLine.parseText("qemu-system-aarch64 " + options));
    }

    private static List<String> rules(String options) {
        return CheckedMachine.read(CommandLine.parseText(options)).problems().stream()
                .map(Problem::rule)
                .toList();
    }

    @Test
    void qemuDocumentationsTwoEmulatedSmmus() {
        String options =
                "-M virt -nodefaults -object memory-backend-ram,id=m0,size=64M"
                        + " -object memory-backend-ram,id=m1,size=64M -numa node,memdev=m0"
                        + " -numa node,memdev=m1 -device arm-smmuv3,primary-bus=pcie.0,id=smmuv3.0"
                        + " -device pxb-pcie,id=pcie.1,numa_node=1"
                        + " -device arm-smmuv3,primary-bus=pcie.1,id=smmuv3.1";

        MachineDescription machine = machine(options);

        assertThat(machine.smmus())
                .extracting(SmmuInstance::mmio)
                .containsExactly(new Gpa(0x0c000000), new Gpa(0x0c020000));
        assertThat(machine.smmus()).extracting(SmmuInstance::firstSpi).containsExactly(112, 116);
        assertThat(machine.memory().size()).isEqualTo(128L << 20);
        assertThat(rules(options)).containsExactly("PXB-BUS-NR-ZERO", "SMMU-DT-BUS");
    }

    @Test
    void legacySmmuCoversEveryRootBusThatDoesNotBypassIt() {
        MachineDescription machine =
                machine(
                        "-machine virt,iommu=smmuv3 -nodefaults"
                                + " -device pxb-pcie,id=a,bus_nr=8,bus=pcie.0"
                                + " -device pxb-pcie,id=b,bus_nr=16,bypass_iommu=on,bus=pcie.0");

        assertThat(machine.smmus())
                .singleElement()
                .satisfies(s -> {
                    assertThat(s.legacy()).isTrue();
                    assertThat(s.stage()).isEqualTo(SmmuInstance.Stage.NESTED);
                    assertThat(s.mmio()).isEqualTo(new Gpa(0x09050000));
                    assertThat(s.firstSpi()).isEqualTo(74);
                });
        assertThat(machine.pci().roots())
                .extracting(r -> machine.smmuOf(r).isPresent())
                .containsExactly(true, true, false);
        assertThat(machine("-machine virt-9.1,iommu=smmuv3").smmus())
                .extracting(SmmuInstance::stage)
                .containsExactly(SmmuInstance.Stage.ONE);
    }

    @Test
    void hisiliconsAcceleratedTest() {
        MachineDescription machine =
                machine(
                        ACCEL
                                + "-object iommufd,id=iommufd0"
                                + " -device arm-smmuv3,primary-bus=pcie.0,id=smmuv3.0,accel=on"
                                + " -device vfio-pci,host=0000:75:00.1,bus=pcie.0,iommufd=iommufd0"
                                + " -device pxb-pcie,id=pcie.1,bus_nr=2,bus=pcie.0"
                                + " -device arm-smmuv3,primary-bus=pcie.1,id=smmuv3.1,accel=on"
                                + " -device pcie-root-port,id=pcie1.port1,chassis=2,bus=pcie.1,"
                                + "pref64-reserve=2M,io-reserve=1K"
                                + " -device vfio-pci,host=0000:7d:02.1,bus=pcie1.port1,"
                                + "iommufd=iommufd0");

        assertThat(machine.vfioGroups())
                .extracting(
                        g -> g.smmu().orElseThrow().id(), g -> g.devices().getFirst().host() + "")
                .containsExactly(
                        tuple("smmuv3.0", "0000:75:00.1"), tuple("smmuv3.1", "0000:7d:02.1"));
        assertThat(machine.gic()).isEqualTo(new Gic(3, MsiController.ITS));
        assertThat(machine.pci().root("pcie.1").orElseThrow().number()).isEqualTo(2);
        assertThat(machine.pci().find("pcie.1").orElseThrow().plugged().device()).isEqualTo(2);
        assertThat(machine.preservesPciConfig()).isTrue();
        assertThat(machine.smmus().getFirst().hasAuto()).isTrue();
    }

    @Test
    void theCoverLettersRepeatedIdIsReportedAndTheFirstCounts() {
        String options =
                ACCEL
                        + "-object iommufd,id=iommufd0"
                        + " -device pxb-pcie,id=pcie.1,bus_nr=1,bus=pcie.0"
                        + " -device arm-smmuv3,primary-bus=pcie.1,id=smmuv3.1,accel=on,ats=on,"
                        + "ril=off,pasid=on,oas=48"
                        + " -device pcie-root-port,id=pcie.port1,bus=pcie.1,chassis=1,"
                        + "pref64-reserve=512G,id=dev0"
                        + " -device vfio-pci,host=0019:06:00.0,rombar=0,id=dev0,iommufd=iommufd0,"
                        + "bus=pcie.port1";

        MachineDescription machine = machine(options);

        assertThat(rules(options)).contains("KEY-TWICE", "SMMU-DRAFT-SPELLING");
        assertThat(machine.pci().find("dev0")).containsInstanceOf(PciFunction.Vfio.class);
        SmmuInstance smmu = machine.smmus().getFirst();
        assertThat(smmu.oas()).isEqualTo(OptionalInt.of(48));
        assertThat(smmu.ril()).isEqualTo(OnOffAuto.OFF);
        assertThat(smmu.ats()).isEqualTo(OnOffAuto.ON);
        assertThat(smmu.ssidsize()).isEmpty();
    }

    @Test
    void accelNeedsKvm() {
        assertThatExceptionOfType(CommandLineError.class)
                .isThrownBy(() -> machine("-M virt -device arm-smmuv3,primary-bus=pcie.0,accel=on"))
                .withMessageContaining("line 1, column 29")
                .withMessageContaining("KVM");
    }
}
