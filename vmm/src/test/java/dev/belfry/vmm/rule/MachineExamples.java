package dev.belfry.vmm.rule;

import static dev.belfry.vmm.rule.Example.KVM;
import static dev.belfry.vmm.rule.Example.PXB;
import static dev.belfry.vmm.rule.Example.TCG;
import static dev.belfry.vmm.rule.Example.WELL;
import static dev.belfry.vmm.rule.Example.instead;
import static dev.belfry.vmm.rule.Example.plus;
import static dev.belfry.vmm.rule.Example.well;

import dev.belfry.vmm.version.QemuVersion;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// Examples for rules of the board, of SMMUs and of the guest's kernel.
final class MachineExamples {

    private static final String EMULATED = TCG + "-m 1G -device arm-smmuv3,primary-bus=pcie.0";
    private static final String OLD = WELL.replace("ril=off", "ril=off,ats=on,oas=48,ssidsize=20");
    private static final String NODES =
            TCG
                    + "-M gic-version=3 -m 2G -object memory-backend-ram,id=m0,size=1G"
                    + " -object memory-backend-ram,id=m1,size=1G"
                    + " -numa node,nodeid=0,memdev=m0,cpus=0"
                    + IntStream.rangeClosed(1, 8)
                            .mapToObj(n -> " -numa node,nodeid=" + n)
                            .collect(Collectors.joining())
                    + " -numa node,nodeid=9,memdev=m1"
                    + " -device nvme,serial=1,id=d0,bus=pcie.0";

    private MachineExamples() {}

    static List<Example> all() {
        return Stream.of(board(), nodes(), smmu(), buses(), end(), guest())
                .flatMap(List::stream)
                .toList();
    }

    private static List<Example> board() {
        return List.of(
                plus("QEMU-TOO-OLD", WELL, "").on(QemuVersion.V10_2).passing(EMULATED),
                instead("QEMU-TOO-OLD", OLD, "oas=48", "oas=48,cmdqv=on").on(QemuVersion.V11_0),
                instead("QEMU-TOO-OLD", OLD, "oas=48", "oas=auto").on(QemuVersion.V11_0),
                instead("QEMU-TOO-OLD", EMULATED, "virt ", "virt,msi=its ").on(QemuVersion.V10_2),
                well("CPU-MODEL", "-cpu host", "-cpu cortex-a72"),
                well("CPU-MODEL", "-cpu host", "-cpu cortex-a57"),
                plus("CPU-MODEL", EMULATED, " -cpu host"),
                plus("CPU-MODEL", EMULATED + " -cpu max", "imum"),
                plus("CPU-MODEL", EMULATED + " -cpu cortex-a7", "8ae"),
                plus("CPU-FEATURE", EMULATED + " -cpu max", ",sve=maybe"),
                plus("CPU-FEATURE", EMULATED + " -cpu max", ",+sve"),
                instead(
                        "MTE-CPU",
                        TCG.replace("virt ", "virt,mte=on ") + "-cpu max",
                        "-cpu max",
                        "-cpu cortex-a72"),
                plus("GICV3-CPUS", TCG + "-M gic-version=3,highmem-redists=off -smp 12", "4"),
                plus("APPEND-KERNEL", EMULATED + " -kernel Image -append quiet", "")
                        .failing(EMULATED + " -append quiet"),
                plus("RAS-FIRMWARE", EMULATED, " -M ras=on")
                        .failing(EMULATED.replace("-bios QEMU_EFI.fd ", "") + " -M ras=on"),
                plus("RAS-FIRMWARE", EMULATED, " -cpu cortex-a7 -M ras=on"),
                plus("OPTION-GONE", EMULATED, " -no-acpi"),
                plus("FIRMWARE-PARTS", EMULATED, " -M nvdimm=on"),
                plus("FIRMWARE-PARTS", EMULATED + " -M cxl=on", " -device pxb-cxl,bus_nr=12"),
                plus("FIRMWARE-PARTS", EMULATED, " -M smp-cache.0.cache=l1d"),
                plus("FIRMWARE-PARTS", EMULATED, " -dtb my.dtb"),
                plus("FIRMWARE-PARTS", EMULATED, " -device uefi-vars-sysbus,jsonfile=a.json"),
                plus(
                        "FIRMWARE-PARTS",
                        EMULATED,
                        " -global acpi-ged.acpi-pci-hotplug-with-bridge-support=on"),
                plus("OPTION-GONE", EMULATED, " -acpitable file=x"),
                plus("GICV2-CPUS", TCG + "-M gic-version=2 -smp 8", " -smp 9"),
                well("GICV2-KVM", "gic-version=3", "gic-version=2"),
                well("SECURE-KVM", "virt,", "virt,secure=on,"),
                instead(
                        "MEMORY-BACKEND",
                        KVM
                                + "-M memory-backend=ram0"
                                + " -object memory-backend-ram,id=ram0,size=1G",
                        "size=1G",
                        "size=2G"),
                instead(
                        "MEMORY-BACKEND",
                        KVM
                                + "-M memory-backend=ram0"
                                + " -object memory-backend-ram,id=ram0,size=1G",
                        "backend=ram0",
                        "backend=ram1"),
                plus("MIGRATION-INCOMING", WELL, " -incoming tcp:0:4444"));
    }

    private static List<Example> nodes() {
        String eight =
                NODES
                        + IntStream.rangeClosed(1, 8)
                                .mapToObj(n ->
                                        " -object acpi-generic-initiator,id=g%d,pci-dev=d0,node=%d"
                                                .formatted(n, n))
                                .collect(Collectors.joining());
        String memoryFirst =
                eight.replace("nodeid=1 ", "nodeid=1,memdev=m1 ")
                        .replace("nodeid=9,memdev=m1", "nodeid=9")
                        .replace("d0,node=1", "d0,node=9");
        String cpusLast =
                eight.replace("nodeid=0,memdev=m0,cpus=0", "nodeid=0")
                        .replace("nodeid=8 ", "nodeid=8,memdev=m0,cpus=0 ")
                        .replace("d0,node=8", "d0,node=0");
        return List.of(
                instead("INITIATOR-DEVICE", eight, "g7,pci-dev=d0", "g7,pci-dev=d1"),
                instead("INITIATOR-NODE", eight, "d0,node=8", "d0,node=12"),
                instead("INITIATOR-MEMORY", eight, "d0,node=8", "d0,node=9"),
                instead("INITIATOR-COUNT", eight, "d0,node=8", "d0,node=7"),
                instead(
                        "INITIATOR-COUNT",
                        eight,
                        " -object acpi-generic-initiator,id=g8,pci-dev=d0,node=8",
                        ""),
                new Example("NUMA-ORDER", memoryFirst, eight),
                new Example("NUMA-ORDER", cpusLast, eight));
    }

    private static List<Example> smmu() {
        return List.of(
                well("SMMU-OTHER-IOMMU", "virt,", "virt,iommu=smmuv3,"),
                instead(
                        "SMMU-OTHER-IOMMU",
                        EMULATED,
                        "-device arm",
                        "-device virtio-iommu-pci -device arm"),
                instead(
                        "IOMMU-MULTIPLE",
                        TCG + "-device virtio-iommu-pci",
                        "virt ",
                        "virt,iommu=smmuv3 "),
                plus("VIRTIO-IOMMU-AFTER", EMULATED, " -device virtio-iommu-pci"),
                instead("SMMU-ACCEL-KVM", WELL, "accel=kvm,", "accel=tcg,")
                        .failing(WELL.replace("accel=kvm,", "").replace("-cpu host", "-cpu max")),
                instead("CPU-MODEL", WELL, "accel=kvm,", "accel=tcg,"),
                well("SMMU-ACCEL-KVM", "gic-version=3", "kernel-irqchip=off"),
                plus("SMMU-EMULATED-RIL", EMULATED, ",ril=off"),
                plus("SMMU-EMULATED-ATS", EMULATED, ",ats=on"),
                plus("SMMU-EMULATED-OAS", EMULATED, ",oas=48"),
                plus("SMMU-EMULATED-SSIDSIZE", EMULATED, ",ssidsize=4"),
                plus("SMMU-EMULATED-CMDQV", EMULATED, ",cmdqv=on"),
                well("SMMU-ACCEL-STAGE", "ril=off", "ril=off,stage=nested"),
                well("SMMU-OAS", "ril=off", "ril=off,oas=52"),
                instead("SMMU-SSIDSIZE", OLD, "ssidsize=20", "ssidsize=21").on(QemuVersion.V11_0),
                plus("SMMU-MIGRATION", WELL, " -only-migratable"));
    }

    private static List<Example> buses() {
        String port = EMULATED + " -device pcie-root-port,id=rp,bus=pcie.0";
        return List.of(
                well("SMMU-BUS-UNKNOWN", "primary-bus=p1", "primary-bus=p2"),
                instead("SMMU-BUS-LATER", KVM + PXB + "-device arm-smmuv3,primary-bus=p1 ", PXB, "")
                        .failing(KVM + "-device arm-smmuv3,primary-bus=p1 " + PXB),
                well("SMMU-BUS-MISSING", "primary-bus=p1,", ""),
                instead("SMMU-BUS-NOT-ROOT", port, EMULATED, EMULATED)
                        .failing(
                                port.replace(EMULATED, TCG) + " -device arm-smmuv3,primary-bus=rp"),
                plus("SMMU-BUS-TAKEN", EMULATED, " -device arm-smmuv3,primary-bus=pcie.0"),
                plus("SMMU-BUS-TWICE", EMULATED, " -device arm-smmuv3,primary-bus=pcie.0")
                        .on(QemuVersion.V11_0),
                well("SMMU-BYPASS", "bus_nr=8", "bus_nr=8,bypass_iommu=on"),
                instead("SMMU-BYPASS", EMULATED, "virt ", "virt,default_bus_bypass_iommu=on "),
                well("SMMU-ACCEL-DT", "virt,", "virt,acpi=off,"),
                well("SMMU-ACCEL-FIRMWARE", "-bios QEMU_EFI.fd ", ""),
                instead(
                        "SMMU-DT-BUS",
                        EMULATED.replace("-device", PXB + "-device")
                                .replace("=pcie.0", "=p1")
                                .replace("bus=p1 -", "bus=pcie.0 -"),
                        "-bios QEMU_EFI.fd ",
                        ""));
    }

    private static List<Example> end() {
        String two =
                WELL.replace("ril=off", "ril=off,oas=48,cmdqv=on")
                        + " -M memory-backend=r"
                        + " -object memory-backend-file,id=r,size=1G,mem-path=/dev/hugepages"
                        + " -device pxb-pcie,id=p2,bus_nr=32,bus=pcie.0 -device"
                        + " arm-smmuv3,id=s2,primary-bus=p2,accel=on,ril=off,ats=off,ssidsize=0,oas=48,cmdqv=on"
                        + " -device pcie-root-port,id=rp2,bus=p2,chassis=2 -device"
                        + " vfio-pci,host=0002:01:00.0,bus=rp2,iommufd=i0";
        return List.of(
                instead("SMMU-AUTO-UNRESOLVED", WELL, Example.VFIO, ""),
                instead(
                        "CMDQV-NO-DEVICE",
                        two,
                        " -device pcie-root-port,id=rp2,bus=p2,chassis=2 -device"
                                + " vfio-pci,host=0002:01:00.0,bus=rp2,iommufd=i0",
                        ""),
                instead("CMDQV-HUGEPAGES", two, "/dev/hugepages", "/var/tmp"),
                instead("CMDQV-HUGEPAGES", two, " -M memory-backend=r", ""),
                instead(
                        "CMDQV-HUGEPAGES",
                        two.replace(" -M memory-backend=r", " -numa node,memdev=r"),
                        "memory-backend-file,id=r,size=1G,mem-path=/dev/hugepages",
                        "memory-backend-ram,id=r,size=1G"),
                instead("SMMU-OAS-DIFFERS", two, "ssidsize=0,oas=48", "ssidsize=0,oas=44"),
                well("SMMU-OAS-MAP", "virt,", "virt,highmem-mmio-size=16T,")
                        .passing(WELL.replace("ril=off", "ril=off,oas=48"))
                        .failing(
                                WELL.replace("ril=off", "ril=off,oas=44")
                                        .replace("virt,", "virt,highmem-mmio-size=16T,")));
    }

    private static List<Example> guest() {
        String append =
                WELL.replace("ril=off", "ril=off,ats=on")
                        + " -kernel Image -append console=ttyAMA0";
        return List.of(
                well("MSI-NONE", "virt,", "virt,msi=off,"),
                instead(
                        "GICV2M-SPIS",
                        TCG + "-device nvme,serial=1 -M gic-version=3",
                        "gic-version=3",
                        "gic-version=3,msi=gicv2m"),
                instead(
                        "GICV2M-SPIS",
                        TCG + "-device nvme,serial=1 -M gic-version=3",
                        "gic-version=3",
                        "gic-version=2"),
                instead(
                                "GUEST-NOMSI",
                                append,
                                "-append console=ttyAMA0",
                                "-append pci=nomsi,realloc")
                        .failing(append.replace("console=ttyAMA0", "'console=ttyAMA0 pci=nomsi'")),
                instead("GUEST-NOATS", append, "console=ttyAMA0", "pci=noats"),
                instead("GUEST-NOATS", append, "console=ttyAMA0", "'quiet pci=realloc,noats'"),
                instead("GUEST-NOLPI", append, "console=ttyAMA0", "irqchip.gicv3_nolpi=1"),
                instead("GUEST-NOLPI", append, "console=ttyAMA0", "irqchip.gicv3-nolpi"),
                instead("GUEST-IOMMU-OTHER", append, "console=ttyAMA0", "iommu=pt"),
                instead("GUEST-IOMMU-OTHER", append, "console=ttyAMA0", "'intel_iommu=on quiet'"),
                instead("GUEST-PASSTHROUGH", append, "console=ttyAMA0", "iommu.passthrough=yes"),
                instead("GUEST-PASSTHROUGH", append, "console=ttyAMA0", "iommu.passthrough=1"),
                instead(
                        "GUEST-PASSTHROUGH-PASID",
                        append.replace("ril=off", "ril=off,ssidsize=20"),
                        "console=ttyAMA0",
                        "iommu.passthrough=1"),
                instead("GUEST-ACPI-OFF", append, "console=ttyAMA0", "acpi=off"),
                instead(
                        "RAM-SW-MSI",
                        WELL.replace("-m 1G", "-m 1G,slots=1,maxmem=2G")
                                + " -object memory-backend-ram,id=m,size=64M"
                                + " -device pc-dimm,memdev=m,addr=0x80000000",
                        "addr=0x80000000",
                        "addr=0x8000000"));
    }
}
