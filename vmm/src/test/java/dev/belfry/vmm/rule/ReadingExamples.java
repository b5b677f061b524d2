package dev.belfry.vmm.rule;

import static dev.belfry.vmm.rule.Example.IOMMUFD;
import static dev.belfry.vmm.rule.Example.KVM;
import static dev.belfry.vmm.rule.Example.PORT;
import static dev.belfry.vmm.rule.Example.PXB;
import static dev.belfry.vmm.rule.Example.TCG;
import static dev.belfry.vmm.rule.Example.WELL;
import static dev.belfry.vmm.rule.Example.instead;
import static dev.belfry.vmm.rule.Example.plus;
import static dev.belfry.vmm.rule.Example.well;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// Examples for what readers find.
final class ReadingExamples {

    private static final String NODES =
            TCG
                    + "-m 1G -object memory-backend-ram,id=m0,size=1G"
                    + " -numa node,nodeid=0,memdev=m0,cpus=0 -numa node,nodeid=1";

    private static final String HARD = ",accel=on,cmdqv=on,ril=off,ats=off,oas=44,ssidsize=0";

    private ReadingExamples() {}

    static List<Example> all() {
        return Stream.of(options(), devices(), pci()).flatMap(List::stream).toList();
    }

    private static List<Example> options() {
        return List.of(
                well("QUOTE-OPEN", "-bios ", "-append 'console=ttyAMA0 -bios "),
                new Example("QEMU-NONE", "#!/bin/sh\ncd /vm && cp -r a b\nmake -j4 all\n", WELL),
                well("OPTION-UNKNOWN", "-nodefaults", "-nodefault"),
                plus("OPTION-ARGUMENT", WELL, " -object"),
                well("TEXT-TYPOGRAPHY", "-bios QEMU_EFI.fd", "–bios “QEMU_EFI.fd”"),
                well("SHELL-LINE-END", "-cpu host ", "-cpu host \\ \n-nodefaults "),
                plus("OPTION-SET", WELL, " -set device.nobody.addr=1"),
                plus("OPTION-REFUSED", WELL, " -readconfig vm.cfg"),
                well("OPTION-VALUE-MISSING", "virt,", "virt,highmem,"),
                plus("OPTION-JSON", WELL, " -device '{\"driver\":\"nvme\"'"),
                instead(
                        "JSON-TYPE",
                        WELL
                                + " -device '{\"driver\":\"pcie-root-port\",\"id\":\"r\","
                                + "\"bus\":\"p1\",\"chassis\":7}'",
                        ":7",
                        ":\"7\""),
                well("ID-FORM", "id=s1", "id=1s"),
                plus("ID-TWICE", WELL, ",id=s1"),
                plus("KEY-TWICE", WELL, ",rombar=0,rombar=1"),
                plus("TEXT-LIMIT", WELL, " -append " + "a".repeat(5 << 20)),
                plus("OPTIONS-LIMIT", WELL, " -nosuch".repeat(300)),
                plus("FINDINGS-LIMIT", WELL, " -device nosuch".repeat(101)),
                plus("OPTION-KEYS", WELL, ",rombar=0".repeat(20_000)),
                plus(
                        "PCI-DEPTH",
                        WELL,
                        IntStream.range(0, 300)
                                .mapToObj(i ->
                                        " -device pcie-pci-bridge,id=d%d,bus=%s,addr=9"
                                                .formatted(i, i == 0 ? "pcie.0" : "d" + (i - 1)))
                                .collect(Collectors.joining())),
                plus("GLOBAL", WELL, " -global nonsense"),
                plus("SMP", WELL, " -smp 4,maxcpus=2"),
                plus("MEMORY", WELL, " -m 1G,maxmem=512M"),
                well("MACHINE-TYPE", "virt,", "virt-99.0,"),
                well("MACHINE-PROPERTY", "gic-version", "gic-vresion"),
                well("MACHINE-VALUE", "gic-version=3", "gic-version=5"),
                well("MACHINE-OTHER", "virt,", "sbsa-ref,"),
                plus("ACCEL-PROPERTY", TCG + "-accel tcg,thread=multi", "ple"),
                plus("ACCEL-TWICE", WELL, " -accel kvm"),
                well("ACCEL-UNKNOWN", "accel=kvm", "accel=xen"),
                well("ACCEL-IRQCHIP", "gic-version=3", "gic-version=3,kernel-irqchip=split"),
                instead("GIC-HOST", TCG + "-m 1G", "virt ", "virt,gic-version=host "),
                well("GIC-HOST", "accel=kvm,gic-version=3", "gic-version=host"),
                well("GIC-VERSION", "gic-version=3", "gic-version=4"),
                well("GIC-DEFAULT", ",gic-version=3", ""),
                instead(
                        "MSI-ITS-GICV2",
                        TCG + "-M gic-version=2 -m 1G",
                        "gic-version=2",
                        "gic-version=2,msi=its"),
                well("HIGHMEM-MMIO-SIZE", "virt,", "virt,highmem-mmio-size=513G,"),
                instead(
                        "HIGHMEM-MMIO-DROPPED",
                        TCG + "-m 1G -cpu max",
                        "-cpu max",
                        "-cpu cortex-a53 -M highmem-mmio-size=1T"),
                instead("MEMORY-TOO-BIG", TCG + "-m 1G -cpu max", "1G", "4E"),
                well("OBJECT-TYPE", "iommufd,id", "iommu-fd,id"),
                well(
                        "OBJECT-ID",
                        "-object iommufd,id=i0",
                        "-object iommufd,id=i0 -object iothread"),
                instead(
                        "OBJECT-SIZE",
                        TCG + "-object memory-backend-ram,id=m,size=1G",
                        ",size=1G",
                        ""),
                well("OBJECT-PROPERTY", "iommufd,id=i0", "iommufd,id=i0,fs=3"),
                well("OBJECT-VALUE", "iommufd,id=i0", "iommufd,id=i0,fd=three"),
                plus("NUMA-OPTION", NODES, ",memdef=m0"),
                instead("NUMA-CPU", NODES, "cpus=0", "cpus=7"),
                plus("NUMA-DISTANCE", NODES, " -numa dist,src=0,dst=1,val=5"),
                plus("NUMA-HMAT", NODES, ",initiator=0"),
                instead("NUMA-NODE", NODES, "nodeid=1", "nodeid=2"),
                instead("NUMA-NODE", NODES, "nodeid=1", "nodeid=0"),
                instead("NUMA-MEM", NODES, "nodeid=1", "nodeid=1,mem=1G"),
                instead("NUMA-MEMDEV", NODES, "memdev=m0", "memdev=m1"),
                instead("NUMA-SIZE", NODES, "size=1G", "size=2G"));
    }

    private static List<Example> devices() {
        return List.of(
                plus("DEVICE-DRIVER", WELL, " -device '{\"id\":\"d\"}'"),
                well("DEVICE-UNKNOWN", "-device vfio-pci", "-device vfio-pcie"),
                well("PROPERTY-UNKNOWN", "ril=off", "rill=off"),
                well("PROPERTY-VALUE", "ril=off", "ril=never"),
                well("SMMU-BUS-PROPERTY", "primary-bus", "bus"),
                well("SMMU-DRAFT-SPELLING", "ril=off", "ril=off,ssid_size=20"),
                well("SMMU-DRAFT-SPELLING", "ril=off", "ril=off,ssidSize=20"),
                well("SMMU-DRAFT-SPELLING", "ril=off", "ril=off,pasid=on"),
                well("SMMU-DRAFT-SPELLING", "arm-smmuv3", "arm-smmuv3-accel"),
                well("SMMU-MSI-GPA", "ril=off", "ril=off,msi-gpa=0x8090040"),
                well("SMMU-IDENTIFIER", "ril=off", "ril=off,identifier=7"),
                plus("SMMU-STAGE", TCG + "-device arm-smmuv3,primary-bus=pcie.0", ",stage=3"),
                instead(
                        "PLATFORM-BUS-FULL",
                        manySmmus(16, ""),
                        "-m 1G",
                        "-m 1G -device ramfb"
                                + " -device pxb-pcie,id=x,bus_nr=254,bus=pcie.0"
                                + " -device arm-smmuv3,primary-bus=x"),
                new Example("PLATFORM-BUS-FULL", manySmmus(13, HARD), manySmmus(12, HARD)));
    }

    /// As many SMMUs, each on a pxb-pcie of its own.
    private static String manySmmus(int count, String properties) {
        return KVM
                + IntStream.range(0, count)
                        .mapToObj(i ->
                                "-device pxb-pcie,id=b%d,bus_nr=%d,bus=pcie.0 -device arm-smmuv3,primary-bus=b%d%s "
                                        .formatted(i, 8 + 8 * i, i, properties))
                        .collect(Collectors.joining());
    }

    private static List<Example> pci() {
        String two = KVM + PXB + PORT + "-device pcie-root-port,id=rp2,bus=p1,chassis=2 ";
        return List.of(
                well("BUS-UNKNOWN", "bus=rp1", "bus=rp2"),
                instead(
                        "BUS-UNKNOWN",
                        TCG + "-device qemu-xhci,id=usb -device usb-kbd,bus=usb.0",
                        "bus=usb.0",
                        "bus=usc.0"),
                plus("PROPERTY-VALUE", WELL, ",addr=99"),
                instead(
                        "PCI-SLOT",
                        two + "-device nvme,serial=1,bus=pcie.0",
                        "bus=pcie.0",
                        "bus=pcie.0,addr=0"),
                instead(
                        "PCI-MULTIFUNCTION",
                        KVM
                                + "-device nvme,serial=1,bus=pcie.0,addr=5,multifunction=on"
                                + " -device nvme,serial=2,bus=pcie.0,addr=5.1",
                        ",multifunction=on",
                        ""),
                instead("PORT-CHASSIS", two, "chassis=2", "chassis=1"),
                plus("PORT-SLOT", WELL, ",addr=1"),
                plus("PXB-BUS", two, " -device pxb-pcie,id=q,bus_nr=16,bus=rp2"),
                instead(
                        "PXB-BUS-NR",
                        two + "-device pxb-pcie,id=p2,bus_nr=16,bus=pcie.0",
                        "bus_nr=16",
                        "bus_nr=8"),
                instead("PXB-BUS-NR-ZERO", two, ",bus_nr=8", ""),
                well("PXB-ENDPOINT", "bus=rp1", "bus=p1"),
                instead("PXB-NUMA", two, "bus_nr=8", "bus_nr=8,numa_node=3"),
                well("VFIO-HOST", "host=0009:01:00.0", "host=nowhere"),
                well("VFIO-HOST-UNKNOWN", "host=0009:01:00.0", "fd=9"),
                well(
                        "VFIO-HOST-UNKNOWN",
                        "host=0009:01:00.0",
                        "sysfsdev=/sys/bus/mdev/devices/83b8f4f2-509f-382f-3c1e-e6bfe0fa1001"),
                instead(
                        "VFIO-HOST-TWICE",
                        two
                                + IOMMUFD
                                + "-device vfio-pci,host=0009:01:00.0,bus=rp1"
                                + " -device vfio-pci,host=0009:02:00.0,bus=rp2",
                        "0009:02",
                        "0009:01"),
                well("VFIO-IOMMUFD-UNKNOWN", "iommufd=i0", "iommufd=i1"));
    }
}
