package dev.belfry.vmm.machine;

import static dev.belfry.vmm.machine.Severity.ERROR;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.belfry.vmm.check.CheckedMachine;
import dev.belfry.vmm.cmdline.CommandLine;
import dev.belfry.vmm.cmdline.CommandLineError;
import dev.belfry.vmm.cmdline.RandomText;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What QEMU refuses, with what it says. Where a message is QEMU's, the test has QEMU's words.
class RefusalsTest {

    private static final String KVM = "-nodefaults -bios f -machine virt,accel=kvm,gic-version=3 ";
    private static final String TCG = "-nodefaults -bios f -machine virt ";
    private static final String IOMMUFD = "-object iommufd,id=i0 ";
    private static final String PXB = "-device pxb-pcie,id=p1,bus_nr=8,bus=pcie.0 ";

    private static List<Problem> problems(String options) {
        return CheckedMachine.read(CommandLine.parseText(options)).problems();
    }

    private static void refused(String options, String rule, String message) {
        assertThatExceptionOfType(CommandLineError.class)
                .isThrownBy(() -> CheckedMachine.accepted(CommandLine.parseText(options)))
                .withMessageContaining(message)
                .satisfies(e -> assertThat(e.rule()).isEqualTo(rule));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "ril=off | SMMU-EMULATED-RIL | ril can only be disabled if accel=on",
                "ats=on | SMMU-EMULATED-ATS | ats can only be enabled if accel=on",
                "oas=48 | SMMU-EMULATED-OAS | oas must be 44 bits when accel=off",
                "oas=40 | SMMU-OAS | only implements auto, 44 bit, or 48 bit OAS",
                "oas=43 | PROPERTY-VALUE | Parameter 'oas' does not accept value '43'",
                "ssidsize=4 | SMMU-EMULATED-SSIDSIZE | ssidsize can only be greater than 0 bits if accel=on",
                "cmdqv=on | SMMU-EMULATED-CMDQV | cmdqv can only be enabled if accel=on",
                "accel=on | SMMU-ACCEL-KVM | requires KVM with kernel-irqchip=on support",
                "acell=on | PROPERTY-UNKNOWN | did you mean accel?",
                "accel=maybe | PROPERTY-VALUE | Parameter 'accel' expects 'on' or 'off'",
                "bus=pcie.0 | SMMU-BUS-PROPERTY | primary-bus=pcie.0",
            })
    void anEmulatedSmmu(String property, String rule, String message) {
        refused(TCG + "-device arm-smmuv3,primary-bus=pcie.0," + property, rule, message);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "stage=2 | SMMU-ACCEL-STAGE | Only stage1 is supported for SMMUv3 with accel=on",
                "stage=nested | SMMU-ACCEL-STAGE | Only stage1",
                "oas=40 | SMMU-OAS | only implements auto, 44 bit, or 48 bit OAS",
                "ssidsize=21 | PROPERTY-VALUE | Parameter 'ssidsize' does not accept value '21'",
                "id=s | SMMU-AUTO-UNRESOLVED | requires at least one cold-plugged VFIO device",
            })
    void anAcceleratedSmmu(String property, String rule, String message) {
        refused(KVM + "-device arm-smmuv3,primary-bus=pcie.0,accel=on," + property, rule, message);
    }

    @Test
    void theBoardsOwnConditions() {
        String smmu = "-device arm-smmuv3,primary-bus=pcie.0,accel=on ";
        String complete =
                "-device arm-smmuv3,primary-bus=pcie.0,accel=on,ril=on,ats=off,oas=44,ssidsize=0 ";
        refused(
                KVM + "-M iommu=smmuv3 " + smmu,
                "SMMU-OTHER-IOMMU",
                "already has iommu=smmuv3 set");
        refused(
                TCG + "-device virtio-iommu-pci -device arm-smmuv3,primary-bus=pcie.0",
                "SMMU-OTHER-IOMMU",
                "already has virtio-iommu set");
        refused(KVM + "-M kernel-irqchip=off " + smmu, "GIC-VERSION", "GICv3");
        refused(
                "-M virt,accel=kvm,kernel-irqchip=off -nodefaults " + smmu,
                "SMMU-ACCEL-KVM",
                "kernel-irqchip=on");
        refused(KVM + "-M acpi=off " + smmu, "SMMU-ACCEL-DT", "not supported for DT");
        refused(
                KVM + "-M default_bus_bypass_iommu=on " + complete,
                "SMMU-BYPASS",
                "Bypass option cannot be set");
        refused(KVM + "-only-migratable " + complete, "SMMU-MIGRATION", "Migration not supported");
        assertThat(problems(KVM + complete)).isEmpty();
    }

    /// Each line's conditions in QEMU's order, of which its first is what QEMU says.
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "cmdqv=on,ssidsize=4,oas=48,ats=on,ril=off |"
                        + " REALIZE SMMU-EMULATED-RIL, REALIZE SMMU-EMULATED-ATS,"
                        + " REALIZE SMMU-EMULATED-OAS, REALIZE SMMU-EMULATED-SSIDSIZE,"
                        + " REALIZE SMMU-EMULATED-CMDQV",
                "accel=on,oas=40 | PRE_PLUG SMMU-ACCEL-KVM, REALIZE SMMU-OAS,"
                        + " MACHINE_DONE SMMU-AUTO-UNRESOLVED",
            })
    void theConditionsOfOneSmmuComeInTheirOrder(String properties, String order) {
        inOrder(TCG + "-device arm-smmuv3,primary-bus=pcie.0," + properties, order);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "oas=52,stage=2 | -M iommu=none | REALIZE SMMU-OAS, REALIZE SMMU-ACCEL-STAGE,"
                        + " MACHINE_DONE SMMU-AUTO-UNRESOLVED",
                "stage=2 | -only-migratable | REALIZE SMMU-ACCEL-STAGE, REALIZE SMMU-MIGRATION,"
                        + " MACHINE_DONE SMMU-AUTO-UNRESOLVED",
                "stage=2 | -M acpi=off | REALIZE SMMU-ACCEL-STAGE, PLUG SMMU-ACCEL-DT,"
                        + " MACHINE_DONE SMMU-AUTO-UNRESOLVED",
                "ril=on,ats=off,oas=44,ssidsize=0 | -M default_bus_bypass_iommu=on,acpi=off |"
                        + " PLUG SMMU-BYPASS, PLUG SMMU-ACCEL-DT",
            })
    void thoseOfAnAcceleratedOneToo(String properties, String more, String order) {
        inOrder(
                KVM + more + " -device arm-smmuv3,primary-bus=pcie.0,accel=on," + properties,
                order);
    }

    private static void inOrder(String options, String order) {
        assertThat(problems(options))
                .filteredOn(p -> p.severity() == ERROR)
                .extracting(p -> p.phase() + " " + p.rule())
                .containsExactly(order.split(", "));
    }

    @Test
    void aVirtioIommuBehindTheSmmuIsTaken() {
        assertThat(
                        problems(
                                TCG
                                        + "-device arm-smmuv3,primary-bus=pcie.0"
                                        + " -device virtio-iommu-pci"))
                .extracting(Problem::rule)
                .containsExactly("VIRTIO-IOMMU-AFTER");
    }

    @Test
    void whereAnSmmuMaySit() {
        refused(TCG + "-device arm-smmuv3", "SMMU-BUS-MISSING", "not attached to any PCI bus");
        refused(
                TCG + "-device arm-smmuv3,primary-bus=pcie.1",
                "SMMU-BUS-UNKNOWN",
                "did you mean primary-bus=pcie.0?");
        refused(
                TCG + "-device pcie-root-port,id=rp -device arm-smmuv3,primary-bus=rp",
                "SMMU-BUS-NOT-ROOT",
                "should be attached to a default PCIe root complex");
        refused(TCG + "-device arm-smmuv3,primary-bus=p1 " + PXB, "SMMU-BUS-LATER", "made later");
        refused(
                TCG
                        + "-device pxb-pcie,id=p1,bus_nr=8,bypass_iommu=on"
                        + " -device arm-smmuv3,primary-bus=p1",
                "SMMU-BYPASS",
                "remove bypass_iommu=on of p1");
    }

    @Test
    void whatMaySitBehindAnAcceleratedSmmu() {
        String start = KVM + IOMMUFD + PXB + "-device arm-smmuv3,primary-bus=p1,accel=on ";
        String port = "-device pcie-root-port,id=rp,bus=p1,chassis=1 ";
        refused(
                start + port + "-device nvme,serial=1,bus=rp",
                "EMULATED-BEHIND-ACCEL",
                "Emulated endpoint devices are not allowed");
        refused(
                start + port + "-device vfio-pci,host=9:1:20.0,bus=rp",
                "VFIO-HOST",
                "doesn't take value '9:1:20.0'");
        refused(
                start + port + "-device vfio-pci,host=9:01:00.0,bus=rp",
                "VFIO-IOMMUFD",
                "without an iommufd backend not allowed");
        refused(
                start + "-device vfio-pci,host=01:00.0,bus=p1,iommufd=i0",
                "PXB-ENDPOINT",
                "Only PCI/PCIe bridges can be plugged");
        refused(
                start + port + "-device vfio-pci,host=01:00.0,bus=rp,iommufd=i1",
                "VFIO-IOMMUFD-UNKNOWN",
                "did you mean iommufd=i0?");
        assertThat(
                        problems(
                                start
                                        + port
                                        + "-device vfio-pci,host=01:00.0,bus=rp,iommufd=i0"
                                        + " -device nvme,serial=1,bus=pcie.0"))
                .isEmpty();
    }

    @Test
    void vfioBehindAnEmulatedSmmu() {
        refused(
                TCG
                        + IOMMUFD
                        + "-device arm-smmuv3,primary-bus=pcie.0"
                        + " -device vfio-pci,host=01:00.0,iommufd=i0",
                "VFIO-EMULATED-SMMU",
                "requires iommu MAP notifier");
        refused(
                TCG + "-M iommu=smmuv3 -device vfio-pci,host=01:00.0",
                "VFIO-EMULATED-SMMU",
                "replace iommu=smmuv3");
    }

    @Test
    void anSmmuBehindItsDevices() {
        String smmu =
                "-device arm-smmuv3,primary-bus=pcie.0,accel=on,ril=on,ats=off,oas=44,ssidsize=0";
        assertThat(problems(KVM + IOMMUFD + "-device vfio-pci,host=01:00.0,iommufd=i0 " + smmu))
                .filteredOn(p -> p.severity() == Severity.LOST)
                .extracting(Problem::rule)
                .containsExactly("VFIO-BEFORE-SMMU");
        refused(KVM + "-device nvme,serial=1 " + smmu, "BEFORE-ACCEL-SMMU", "aborts");
        refused(
                "-bios f -machine virt,accel=kvm,gic-version=3 " + smmu,
                "BEFORE-ACCEL-SMMU",
                "-nodefaults");
    }

    @Test
    void atMostSixteenSmmusFit() {
        StringBuilder all = new StringBuilder(TCG);
        for (int i = 0; i < 16; i++) {
            all.append(" -device pxb-pcie,id=p%d,bus=pcie.0,bus_nr=%d".formatted(i, 8 + 8 * i));
            all.append(" -device arm-smmuv3,primary-bus=p" + i);
        }
        assertThat(problems(all.toString())).extracting(Problem::severity).doesNotContain(ERROR);
        refused(
                all + " -device arm-smmuv3,primary-bus=pcie.0",
                "PLATFORM-BUS-FULL",
                "Can not fit IRQ line");
    }

    @Test
    void repeatedIdsNameBothPlaces() {
        refused(
                TCG + "-device edu,id=dev0\n -device edu,id=dev0",
                "ID-TWICE",
                "Duplicate ID 'dev0' for device, first given at line 1, column 47 (edu)");
        refused(TCG + "-object iommufd,id=a -object iommufd,id=a", "ID-TWICE", "for object");
        refused(TCG + "-device edu,id=1a", "ID-FORM", "expects an identifier");
    }

    @Test
    void theFirstThingThatQemuWouldMeetIsTheOneReported() {
        refused("-M virt,gic-version=7 -device nope -m 4Q", "MEMORY", "line 1, column 39");
        refused("-M virt,gic-version=7 -device nope", "MACHINE-VALUE", "valid values are 2, 3, 4");
        refused("-M virt -device nvmee -device nope", "DEVICE-UNKNOWN", "did you mean nvme?");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "-m 1G | MACHINE-TYPE | No machine specified",
                "-M vrit | MACHINE-TYPE | unsupported machine type",
                "-M virt,its=on,gic-version=2 | MSI-ITS-GICV2 | GICv2 + ITS",
                "-M virt,msi=its,gic-version=2 | MSI-ITS-GICV2 | GICv2 + ITS",
                "-M virt,gic-version=host | GIC-HOST | requires KVM",
                "-M virt,gic-version=4 | GIC-VERSION | virtualization=on",
                "-M virt,gic-version=2 -smp 9 | GICV2-CPUS | exceeds max CPUs",
                "-M virt,highmem-mmio-size=3T | HIGHMEM-MMIO-SIZE | not a power of 2",
                "-M virt,highmem-mmio-size=256G | HIGHMEM-MMIO-SIZE | lower value",
                "-M virt,gicversion=3 | MACHINE-PROPERTY | did you mean gic-version?",
                "-M virt,highmem=off -m 4G | MEMORY-TOO-BIG | 32 bits",
                "-M virt,accel=tcg -accel tcg | ACCEL-TWICE | incompatible",
                "-M virt -accel hvf | ACCEL-UNKNOWN | hvf",
                "-M virt -m 1G,slots=2 | MEMORY | slots specified but no max-size",
                "-M virt -m 2G,maxmem=1G | MEMORY | (0x40000000) must be at least",
                "-M virt -m $MEM | MEMORY | does not expand shell variables",
                "-M virt -smp 4,maxcpus=2 | SMP | maxcpus must be equal to or greater",
                "-M virt -smp 4,sockets=3 | SMP | must match maxcpus",
                "-M virt -device edu,addr=20 | PROPERTY-VALUE | doesn't take value '20'",
                "-M virt -device edu,addr=0 | PCI-SLOT | in use by gpex-root",
                "-M virt -device edu,bus=rp | BUS-UNKNOWN | Bus 'rp' not found",
                "-M virt -device pcie-root-port -device pcie-root-port | PORT-CHASSIS | error -16",
                "-M virt -device pxb-pcie,bus_nr=8,numa_node=1 | PXB-NUMA | Illegal numa node 1",
                "-M virt -nodefaults -device pxb-pcie,id=a,bus_nr=8 -device edu | PXB-ENDPOINT |"
                        + " bus=pcie.0",
                "-M virt -device edu,addr=5.0 -device edu,addr=5.1 | PCI-MULTIFUNCTION | single"
                        + " function",
            })
    void theRestOfTheMachine(String options, String rule, String message) {
        refused(options, rule, message);
    }

    @Test
    void busNumbersThatDoNotSufficeAreFoundBeforeTheGuestLosesDevices() {
        String options =
                TCG
                        + "-device pxb-pcie,id=a,bus_nr=8,bus=pcie.0"
                        + " -device pxb-pcie,id=b,bus_nr=9,bus=pcie.0"
                        + " -device pcie-root-port,id=rp,bus=a";

        assertThat(problems(options))
                .singleElement()
                .satisfies(p -> {
                    assertThat(p.rule()).isEqualTo("BUS-NUMBERS");
                    assertThat(p.severity()).isEqualTo(Severity.LOST);
                    assertThat(p.message())
                            .contains("needs 2 bus numbers from 8 on and has room for 1");
                });
    }

    @Test
    void nothingButACommandLineErrorEverComesOut() {
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(7);
        int described = 0;
        for (int i = 0; i < 5_000; i++) {
            String text = "-M virt " + RandomText.of(random);
            try {
                CommandLine commandLine = CommandLine.parseText(text);
                CheckedMachine.read(commandLine);
                CheckedMachine.accepted(commandLine);
                described++;
            } catch (CommandLineError e) {
                assertThat(e.getMessage()).startsWith("line ");
            }
        }
        assertThat(described).isGreaterThan(50);
    }
}
