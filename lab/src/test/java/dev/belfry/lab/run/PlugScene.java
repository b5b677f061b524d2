package dev.belfry.lab.run;

import dev.belfry.host.uapi.FaultInjection;
import dev.belfry.lab.InputError;
import dev.belfry.lab.Progress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A host with three devices behind two SMMUs, and a machine with free ports.
final class PlugScene {

    private static final String HOST =
            """
            name: plug
            kernel: 6.19
            page-size: 4K
            cpus: 4
            ram: {base: 0x80000000, size: 8G}
            gic: {distributor: 0x22000000, redistributors: 0x22080000}
            smmus:
              - {name: smmu0, base: 0x10000000, identity: grace}
              - {name: smmu1, base: 0x11000000, identity: grace}
            itss:
              - {name: its0, base: 0x24000000}
            devices:
              - {bdf: "0002:01:00.0", id: "15b3:1021", class: 0x020000, msix: 3, smmu: smmu0, its: its0,
                 group: 1, bars: [{index: 0, size: 16K}, {index: 2, size: 64K}]}
              - {bdf: "0002:01:01.0", id: "10de:2342", class: 0x030200, msix: 4, smmu: smmu0, its: its0,
                 group: 2, bars: [{index: 0, size: 16K}, {index: 2, size: 64K}]}
              - {bdf: "0003:01:00.0", id: "15b3:1021", class: 0x020000, msix: 2, smmu: smmu1, its: its0,
                 group: 3, bars: [{index: 0, size: 16K}, {index: 2, size: 64K}]}
            """;

    /// `dev0` on rp0, rp1 free, both behind smmuv3.1; rp2 free without an SMMU; rp3 takes no cards;
    /// rp4 behind an emulated SMMU.
    private static final String MACHINE =
            "qemu-system-aarch64 -machine virt,accel=kvm,gic-version=3 -cpu host -smp 2 -m 512M"
                    + " -nodefaults -bios QEMU_EFI.fd -object iommufd,id=iommufd0"
                    + " -device pxb-pcie,id=pcie.1,bus_nr=32,bus=pcie.0"
                    + " -device arm-smmuv3,primary-bus=pcie.1,id=smmuv3.1,accel=on,ril=off"
                    + " -device pcie-root-port,id=rp0,bus=pcie.1,chassis=1"
                    + " -device vfio-pci,host=0002:01:00.0,bus=rp0,id=dev0,iommufd=iommufd0"
                    + " -device pcie-root-port,id=rp1,bus=pcie.1,chassis=2"
                    + " -device pcie-root-port,id=rp2,bus=pcie.0,chassis=3"
                    + " -device pcie-root-port,id=rp3,bus=pcie.1,chassis=4,hotplug=off"
                    + " -device pxb-pcie,id=pcie.2,bus_nr=64,bus=pcie.0"
                    + " -device arm-smmuv3,primary-bus=pcie.2,id=smmuv3.2"
                    + " -device pcie-root-port,id=rp4,bus=pcie.2,chassis=5";

    private PlugScene() {}

    static RunSession start(Path directory, FaultInjection.Failure... failures)
            throws InputError, IOException {
        return start(directory, HOST, MACHINE, failures);
    }

    /// The same with command queues of the guest's own.
    static RunSession withCmdqv(Path directory) throws InputError, IOException {
        return start(
                directory,
                HOST.replace(
                        "base: 0x10000000, identity: grace",
                        "base: 0x10000000, identity: grace, cmdqv: {base: 0x12000000,"
                                + " log2-vintfs: 6, log2-vcmdqs: 7, log2-sids: 4}"),
                MACHINE.replace("accel=on", "accel=on,cmdqv=on"));
    }

    /// A host whose second SMMU has less than what the guest was told of the first.
    static RunSession withASmallerSecondSmmu(Path directory) throws InputError, IOException {
        return start(
                directory,
                HOST.replace(
                        "base: 0x11000000, identity: grace",
                        "base: 0x11000000, identity: kunpeng920"),
                MACHINE);
    }

    /// A machine without KVM and without devices of the host.
    static RunSession emulated(Path directory, String properties) throws InputError, IOException {
        String machine =
                "qemu-system-aarch64 -machine virt,accel=tcg,"
                        + properties
                        + " -cpu max -smp 2 -m 512M -nodefaults -bios QEMU_EFI.fd -device nvme,serial=a";
        return start(directory, HOST, machine);
    }

    private static RunSession start(
            Path directory, String description, String machine, FaultInjection.Failure... failures)
            throws InputError, IOException {
        Path host = directory.resolve("host.yaml");
        Files.writeString(host, description);
        return RunSession.start(
                new RunRequest(
                        new RunRequest.Source.Words(List.of(machine.split(" +"))),
                        Optional.of(host.toString()),
                        new RunRequest.Options(
                                RunRequest.Doorbell.DIRECT,
                                true,
                                1,
                                RunRequest.MsiDesign.SW_MSI,
                                new Injections(List.of(failures)))),
                Progress.NONE);
    }

    /// `device_add`: `driver=vfio-pci,host=…`.
    static Action.DeviceAdd add(String properties) {
        Map<String, String> all = new HashMap<>();
        for (String p : properties.split(",")) {
            int equals = p.indexOf('=');
            all.put(p.substring(0, equals), p.substring(equals + 1));
        }
        return new Action.DeviceAdd(all);
    }

    /// The second device of smmu0, into rp1.
    static Action.DeviceAdd second() {
        return add("driver=vfio-pci,host=0002:01:01.0,bus=rp1,iommufd=iommufd0,id=hot0");
    }
}
