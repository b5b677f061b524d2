package dev.belfry.vmm.rule;

import static dev.belfry.vmm.rule.Example.IOMMUFD;
import static dev.belfry.vmm.rule.Example.KVM;
import static dev.belfry.vmm.rule.Example.PORT;
import static dev.belfry.vmm.rule.Example.PXB;
import static dev.belfry.vmm.rule.Example.SMMU;
import static dev.belfry.vmm.rule.Example.TCG;
import static dev.belfry.vmm.rule.Example.VFIO;
import static dev.belfry.vmm.rule.Example.WELL;
import static dev.belfry.vmm.rule.Example.instead;
import static dev.belfry.vmm.rule.Example.plus;
import static dev.belfry.vmm.rule.Example.well;

import dev.belfry.host.description.DeviceDescription;
import dev.belfry.host.description.HostDescription;
import dev.belfry.host.description.KernelOption;
import dev.belfry.host.uapi.KernelVersion;
import dev.belfry.model.smmu.SmmuIdentity;
import dev.belfry.vmm.version.QemuVersion;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/// Examples for rules of the PCI tree, of devices, and of hosts.
final class DeviceExamples {

    private static final String NIC = "0002:01:00.0";
    private static final HostDescription GRACE = HostDescription.preset("grace");
    private static final String NVME = "-device nvme,serial=1,bus=pcie.0 ";

    private DeviceExamples() {}

    static List<Example> all() {
        return Stream.of(pci(), functions(), vfio(), host(), fields(), kernel())
                .flatMap(List::stream)
                .toList();
    }

    private static List<Example> pci() {
        String next = WELL + " -device pxb-pcie,id=p2,bus_nr=16,bus=pcie.0";
        return List.of(
                instead("BUS-NUMBERS", next, "bus_nr=16", "bus_nr=9"),
                instead("BUS-NUMBERS", next, "virt,", "virt,highmem=off,")
                        .failing(next.replace("virt,", "virt,highmem=off,")),
                well("BAR-SPACE", "chassis=1", "chassis=1,pref64-reserve=1T"),
                instead(
                                "BAR-SPACE",
                                WELL.replace("virt,", "virt,highmem-mmio-size=1T,"),
                                "virt,",
                                "virt,highmem-mmio=off,")
                        .onGrace(),
                instead(
                        "SID-ALIAS",
                        WELL,
                        VFIO,
                        "-device pcie-pci-bridge,id=b,bus=rp1 "
                                + VFIO.replace("bus=rp1", "bus=b,addr=1")),
                instead(
                        "ROOT-WITHOUT-SMMU",
                        WELL,
                        VFIO,
                        VFIO + " -device vfio-pci,host=0002:01:00.0,bus=pcie.0"),
                instead(
                        "VIRTIO-UNTRANSLATED",
                        TCG
                                + "-device arm-smmuv3,primary-bus=pcie.0"
                                + " -device virtio-net-pci,iommu_platform=on,disable-legacy=on",
                        ",iommu_platform=on,disable-legacy=on",
                        ""));
    }

    /// Facts: runs of QEMU 10.2.1 and 11.1.3.
    private static List<Example> functions() {
        String virtio = TCG + "-device virtio-net-pci,bus=pcie.0";
        return List.of(
                plus(
                        "PORT-IDLE",
                        WELL + " -device pcie-root-port,id=rp2,bus=p1,chassis=2",
                        ",hotplug=off"),
                well("PORT-RESERVE", "chassis=1", "chassis=1,pref32-reserve=1M,pref64-reserve=1G"),
                instead(
                        "BRIDGE-CHASSIS",
                        TCG + "-device pci-bridge,id=b,chassis_nr=1",
                        ",chassis_nr=1",
                        ""),
                instead("PXB-OTHER", TCG + PXB, "pxb-pcie", "pxb"),
                instead("PXB-OTHER", TCG + PXB, "pxb-pcie", "pxb-cxl"),
                instead(
                        "VIRTIO-LEGACY",
                        virtio + ",iommu_platform=on,disable-legacy=on",
                        ",disable-legacy=on",
                        ""),
                instead(
                        "VIRTIO-IOMMU-BUS",
                        TCG
                                + PORT.replace("bus=p1", "bus=pcie.0")
                                + "-device virtio-iommu-pci,bus=pcie.0",
                        "virtio-iommu-pci,bus=pcie.0",
                        "virtio-iommu-pci,bus=rp1"),
                plus("NIC-MODEL", TCG + "-nic user,model=e1000", "x"),
                instead(
                        "BUS-NONE",
                        TCG + "-device qemu-xhci -device usb-kbd",
                        "-device qemu-xhci ",
                        ""),
                instead(
                        "BACKEND-UNKNOWN",
                        TCG + "-netdev user,id=n0 -device virtio-net-pci,netdev=n0",
                        "netdev=n0",
                        "netdev=n1"),
                instead(
                        "DEVICE-VALUE",
                        TCG + "-device edu,romsize=4096",
                        "romsize=4096",
                        "romsize=4097"),
                instead("DEVICE-NEEDS", TCG + "-device nvme,serial=1", ",serial=1", ""));
    }

    private static List<Example> vfio() {
        String late =
                KVM
                        + IOMMUFD
                        + PXB
                        + PORT
                        + VFIO
                        + " "
                        + SMMU
                        + ",ril=off,ats=off,oas=44,ssidsize=0";
        String before =
                KVM
                        + IOMMUFD
                        + PXB
                        + PORT
                        + "-device virtio-rng-pci,bus=rp1 "
                        + SMMU
                        + ",ril=off,ats=off,oas=44,ssidsize=0";
        return List.of(
                well("VFIO-IOMMUFD", ",iommufd=i0", ""),
                instead("VFIO-IOMMUFD", WELL, ",iommufd=i0", "")
                        .failing(WELL.replace(",iommufd=i0", "").replace(IOMMUFD, "")),
                well("EMULATED-BEHIND-ACCEL", VFIO, VFIO + " -device nvme,serial=1,bus=rp1")
                        .failing(
                                WELL
                                        + " -device pcie-root-port,id=rp2,bus=p1,chassis=2"
                                        + " -device nvme,serial=1,bus=rp2"),
                new Example("VFIO-EMULATED-SMMU", WELL.replace(",accel=on,ril=off", ""), KVM)
                        .on(QemuVersion.V10_2),
                new Example(
                        "VFIO-EMULATED-SMMU", WELL.replace("accel=on,ril=off", "accel=off"), WELL),
                new Example("BEFORE-ACCEL-SMMU", before, WELL + " " + NVME),
                new Example(
                        "BEFORE-ACCEL-SMMU",
                        KVM.replace("-nodefaults ", "")
                                + IOMMUFD
                                + "-device arm-smmuv3,primary-bus=pcie.0,accel=on "
                                + "-device pcie-root-port,id=rp1,bus=pcie.0 "
                                + VFIO,
                        KVM
                                + IOMMUFD
                                + "-device arm-smmuv3,primary-bus=pcie.0,accel=on "
                                + "-device pcie-root-port,id=rp1,bus=pcie.0 "
                                + VFIO),
                new Example("VFIO-BEFORE-SMMU", late, WELL),
                new Example(
                        "VFIO-IOMMUFD-MIXED",
                        WELL
                                + " -object iommufd,id=i1 -device"
                                + " pcie-root-port,id=rp2,bus=p1,chassis=2 -device"
                                + " vfio-pci,host=0009:01:00.1,bus=rp2,iommufd=i1",
                        WELL),
                plus(
                        "VPASID-OFFSET",
                        WELL.replace("ril=off", "ril=off,ssidsize=20"),
                        ",x-vpasid-cap-offset=0x80"),
                plus(
                        "VPASID-OFFSET",
                        WELL.replace("ril=off", "ril=off,ssidsize=20"),
                        ",x-vpasid-cap-offset=0x1000"),
                plus(
                        "VPASID-USELESS",
                        WELL.replace("ril=off", "ril=off,ssidsize=0"),
                        ",x-vpasid-cap-offset=0xff8"),
                plus("VFIO-MIGRATION", WELL, ",enable-migration=on"),
                well("PROPERTY-UNKNOWN", ",iommufd=i0", ",iommuf=i0"),
                plus("IOMMUFD-UNUSED", WELL, " -object iommufd,id=i1"));
    }

    private static List<Example> host() {
        String nic = WELL.replace("0009:01:00.0", NIC);
        String mixed =
                WELL
                        + " -device pcie-root-port,id=rp2,bus=p1,chassis=2"
                        + " -device vfio-pci,host=0002:01:00.0,bus=rp2,iommufd=i0";
        String second =
                " -device pcie-root-port,id=rp2,bus=p1,chassis=2"
                        + " -device vfio-pci,host=0002:01:00.1,bus=rp2,iommufd=i0";
        String split =
                nic
                        + " -device pxb-pcie,id=p2,bus_nr=32,bus=pcie.0"
                        + " -device arm-smmuv3,id=s2,primary-bus=p2,accel=on,ril=off"
                        + " -device pcie-root-port,id=rp2,bus=p2,chassis=2"
                        + " -device vfio-pci,host=0002:01:00.1,bus=rp2,iommufd=i0";
        return List.of(
                instead("VFIO-NO-DEVICE", nic, NIC, "0002:0f:00.0").onGrace(),
                plus("HOST-NO-SMMU", nic, "")
                        .on(GRACE.withSmmus(List.of()).withDevices(List.of()))
                        .passing(KVM),
                instead("HOST-MEMORY", nic, "-m 1G", "-m 600G").onGrace(),
                plus("VFIO-ISOLATED-MSI", nic, "")
                        .on(grace(d -> with(d, d.group(), false, true)))
                        .passing(KVM),
                plus("VFIO-COHERENT", nic, "")
                        .on(grace(d -> with(d, d.group(), true, false)))
                        .passing(KVM),
                plus("VFIO-GROUP", nic, "").on(grace(d -> with(d, 1, true, true))).passing(KVM),
                plus("VFIO-GROUP-TABLE", nic, second)
                        .on(grace(d -> with(d, groupOf("0002:01:00.1"), true, true)))
                        .passing(KVM),
                plus("HOST-NESTING", nic, "")
                        .on(identity(i -> idr0(i, i.idr0() & ~1)))
                        .passing(KVM),
                plus("HOST-NESTING", nic, "").on(identity(i -> iidr(i, 0x4870_043b))).passing(KVM),
                plus("HOST-NESTING", nic, "").on(identity(i -> iidr(i, 0x4831_043b))).passing(KVM),
                new Example("SMMU-MIXED", mixed, WELL).onGrace(),
                new Example("SMMU-SPLIT", split, nic).onGrace(),
                instead("ATS-ENDPOINT", kunpeng(), "ril=off", "ril=off,ats=on").onKunpeng(),
                instead("PASID-ENDPOINT", kunpeng(), "ril=off", "ril=off,ssidsize=8").onKunpeng());
    }

    private static String kunpeng() {
        return WELL.replace("0009:01:00.0", "0000:7d:02.1");
    }

    private static List<Example> fields() {
        String nic = WELL.replace("0009:01:00.0", NIC);
        return List.of(
                plus("HOST-STLEVEL", nic, "")
                        .on(identity(i -> idr0(i, i.idr0() & ~(3 << 27))))
                        .passing(KVM),
                plus("HOST-TTENDIAN", nic, "")
                        .on(identity(i -> idr0(i, i.idr0() | 3 << 21)))
                        .passing(KVM),
                plus("HOST-TTF", nic, "")
                        .on(identity(i -> idr0(i, i.idr0() & ~(3 << 2))))
                        .passing(KVM),
                plus("HOST-SIDSIZE", nic, "")
                        .on(identity(i -> idr1(i, (i.idr1() & ~0x3f) | 15)))
                        .passing(KVM),
                instead("HOST-SSIDSIZE", kunpeng(), "ril=off", "ril=off,ssidsize=20").onKunpeng(),
                instead("CMDQV-HOST", kunpeng(), "ril=off", "ril=off,cmdqv=on").onKunpeng(),
                instead("HOST-RIL", nic, "ril=off", "ril=on").onGrace(),
                instead("HOST-OAS", nic, "ril=off", "ril=off,oas=48")
                        .on(identity(i -> idr5(i, (i.idr5() & ~7) | 4))),
                instead("HOST-ATS", nic, "ril=off", "ril=off,ats=on")
                        .on(identity(i -> idr0(i, i.idr0() & ~(1 << 10)))),
                plus("HOST-GRAN4K", nic, "")
                        .on(identity(i -> idr5(i, i.idr5() & ~(1 << 4))))
                        .passing(KVM),
                plus("HOST-GRAN16K", nic, "")
                        .on(identity(i -> idr5(i, i.idr5() & ~(1 << 5))))
                        .passing(KVM),
                plus("HOST-GRAN64K", nic, "")
                        .on(identity(i -> idr5(i, i.idr5() & ~(1 << 6))))
                        .passing(KVM));
    }

    private static List<Example> kernel() {
        String queues = WELL.replace("0009:01:00.0", NIC).replace("ril=off", "ril=off,cmdqv=on");
        String nic = WELL.replace("0009:01:00.0", NIC);
        return List.of(
                new Example("KERNEL-WITHOUT-IOMMUFD", nic, KVM).on(without(KernelOption.IOMMUFD)),
                new Example("KERNEL-WITHOUT-VFIO-DEVICE-CDEV", nic, KVM)
                        .on(without(KernelOption.VFIO_DEVICE_CDEV)),
                new Example("KERNEL-WITHOUT-VFIO-PCI", nic, KVM).on(without(KernelOption.VFIO_PCI)),
                new Example("KERNEL-WITHOUT-ARM-SMMU-V3", nic, KVM)
                        .on(without(KernelOption.ARM_SMMU_V3)),
                new Example("KERNEL-WITHOUT-ARM-SMMU-V3-IOMMUFD", nic, KVM)
                        .on(without(KernelOption.ARM_SMMU_V3_IOMMUFD)),
                new Example("KERNEL-WITHOUT-TEGRA241-CMDQV", queues, nic)
                        .on(without(KernelOption.TEGRA241_CMDQV)),
                plus("KERNEL-VIOMMU", WELL, "").on(new KernelVersion(6, 12)).passing(KVM),
                plus("KERNEL-GBPA", WELL, "").on(new KernelVersion(6, 18)).passing(KVM),
                well("KERNEL-CMDQV", "ril=off", "ril=off,cmdqv=on").on(new KernelVersion(6, 16)));
    }

    private static HostDescription without(KernelOption option) {
        return GRACE.withoutOptions(Set.of(option));
    }

    private static HostDescription grace(UnaryOperator<DeviceDescription> change) {
        return GRACE.withDevices(
                GRACE.devices().stream()
                        .map(d -> d.bdf().toString().equals(NIC) ? change.apply(d) : d)
                        .toList());
    }

    private static int groupOf(String device) {
        return GRACE.devices().stream()
                .filter(d -> d.bdf().toString().equals(device))
                .findFirst()
                .orElseThrow()
                .group();
    }

    private static DeviceDescription with(
            DeviceDescription d, int group, boolean isolated, boolean coherent) {
        return new DeviceDescription(
                d.bdf(),
                d.vendorId(),
                d.deviceId(),
                d.classCode(),
                d.bars(),
                d.msixVectors(),
                d.msixBar(),
                d.msiVectors(),
                d.pin(),
                d.ats(),
                d.pri(),
                d.pasidBits(),
                d.smmu(),
                d.streamId(),
                d.its(),
                d.itsDeviceId(),
                group,
                isolated,
                coherent);
    }

    private static HostDescription identity(UnaryOperator<SmmuIdentity> change) {
        return GRACE.withSmmus(
                GRACE.smmus().stream().map(s -> s.with(change.apply(s.identity()))).toList());
    }

    private static SmmuIdentity idr0(SmmuIdentity i, int idr0) {
        return made(i, idr0, i.idr1(), i.idr5());
    }

    private static SmmuIdentity idr1(SmmuIdentity i, int idr1) {
        return made(i, i.idr0(), idr1, i.idr5());
    }

    private static SmmuIdentity idr5(SmmuIdentity i, int idr5) {
        return made(i, i.idr0(), i.idr1(), idr5);
    }

    private static SmmuIdentity iidr(SmmuIdentity i, int iidr) {
        return new SmmuIdentity(
                "changed", i.idr0(), i.idr1(), i.idr2(), i.idr3(), i.idr4(), i.idr5(), iidr,
                i.aidr());
    }

    private static SmmuIdentity made(SmmuIdentity i, int idr0, int idr1, int idr5) {
        return new SmmuIdentity(
                "changed", idr0, idr1, i.idr2(), i.idr3(), i.idr4(), idr5, i.iidr(), i.aidr());
    }
}
