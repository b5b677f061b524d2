package dev.belfry.lab.compare;

import dev.belfry.host.description.HostDescription;
import dev.belfry.host.uapi.IoctlFilter;
import dev.belfry.lab.run.Platform;
import dev.belfry.lab.run.RunRequest;
import dev.belfry.vmm.cmdline.CommandLine;
import dev.belfry.vmm.machine.MachineDescription;
import dev.belfry.vmm.reader.MachineReader;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/// A situation's host, machine and conditions: devices behind one accelerated SMMU, each with an
/// ITS of its own where there are several.
///
/// @param devices how many
/// @param pageSize the host kernel's
/// @param append the guest's command line
record Scene(Situation situation, int devices, String pageSize, String append) {

    /// `MSI_IOVA_BASE` of the kernel's SMMUv3 driver.
    private static final long KERNELS_WINDOW = 0x0800_0000L;

    private static final int ITS_SPACING = 0x2_0000;

    static Scene of(Situation situation) {
        return switch (situation) {
            case MULTI_ITS -> new Scene(situation, 3, "4K", "");
            case WINDOW_FULL -> new Scene(situation, 17, "64K", "");
            case GUEST_BYPASS -> new Scene(situation, 1, "4K", "iommu.passthrough=1");
            case QUIET,
                    AFFINITY,
                    RESYNC,
                    NO_RMR,
                    RAM_OVER_WINDOW,
                    DOMAIN_SWITCH,
                    NO_STAGE2_DOORBELL ->
                    new Scene(situation, 1, "4K", "");
        };
    }

    Platform.Conditions conditions(IoctlFilter filter) {
        return new Platform.Conditions(
                situation != Situation.NO_STAGE2_DOORBELL,
                situation == Situation.RAM_OVER_WINDOW
                        ? OptionalLong.of(KERNELS_WINDOW)
                        : OptionalLong.empty(),
                filter);
    }

    RunRequest.Options options(RunRequest.MsiDesign design) {
        return new RunRequest.Options(
                RunRequest.Doorbell.DIRECT, situation != Situation.NO_RMR, 1, design);
    }

    HostDescription host() {
        StringBuilder yaml =
                new StringBuilder(
                        """
                        name: compare
                        kernel: 6.19
                        page-size: %s
                        cpus: 4
                        ram: {base: 0x80000000, size: 8G}
                        gic: {distributor: 0x22000000, redistributors: 0x22080000}
                        smmus:
                          - {name: smmu0, base: 0x10000000, identity: grace}
                        itss:
                        """
                                .formatted(pageSize));
        for (int i = 0; i < devices; i++) {
            yaml.append(
                    "  - {name: its%d, base: 0x%x}%n"
                            .formatted(i, 0x2400_0000L + (long) i * ITS_SPACING));
        }
        yaml.append("devices:\n");
        for (int i = 0; i < devices; i++) {
            yaml.append("  - {bdf: %s, id: \"15b3:1021\", class: 0x020000,".formatted(bdf(i)))
                    .append(" bars: [{index: 0, size: 16K}, {index: 2, size: 64K}], msix: 2,")
                    .append(" smmu: smmu0, its: its%d, group: %d}%n".formatted(i, i + 1));
        }
        return HostDescription.read("compare", yaml.toString());
    }

    private static String bdf(int device) {
        return "0002:01:%02x.0".formatted(device);
    }

    MachineDescription machine() {
        List<String> more = new ArrayList<>();
        if (!append.isEmpty()) {
            more.addAll(List.of("-kernel", "Image", "-append", append));
        }
        for (int i = 0; i < devices; i++) {
            more.addAll(
                    List.of(
                            "-device",
                            "pcie-root-port,id=rp%d,bus=pcie.1,chassis=%d".formatted(i, i + 1),
                            "-device",
                            "vfio-pci,host=%s,bus=rp%d,id=dev%d,iommufd=iommufd0"
                                    .formatted(bdf(i), i, i)));
        }
        return read(more);
    }

    /// A machine with an accelerated SMMU on `pcie.1`, and what else is said; QEMU's rules are not
    /// asked.
    static MachineDescription read(List<String> more) {
        List<String> words =
                new ArrayList<>(
                        List.of(
                                "qemu-system-aarch64",
                                "-machine",
                                "virt,accel=kvm,gic-version=3",
                                "-cpu",
                                "host",
                                "-smp",
                                "2",
                                "-m",
                                "1G",
                                "-nodefaults",
                                "-bios",
                                "QEMU_EFI.fd",
                                "-object",
                                "iommufd,id=iommufd0",
                                "-device",
                                "pxb-pcie,id=pcie.1,bus_nr=32,bus=pcie.0",
                                "-device",
                                "arm-smmuv3,primary-bus=pcie.1,id=smmuv3.1,accel=on,ril=off"));
        words.addAll(more);
        return MachineReader.read(CommandLine.parse(words)).machine();
    }
}
