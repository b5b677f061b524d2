package dev.belfry.vmm.firmware;

import dev.belfry.vmm.firmware.FirmwareInputs.Gic;
import dev.belfry.vmm.firmware.FirmwareInputs.Kind;
import dev.belfry.vmm.firmware.FirmwareInputs.Msi;
import dev.belfry.vmm.firmware.FirmwareInputs.Options;
import dev.belfry.vmm.firmware.FirmwareInputs.PciHost;
import dev.belfry.vmm.firmware.FirmwareInputs.RootBus;
import dev.belfry.vmm.firmware.FirmwareInputs.Smmu;
import dev.belfry.vmm.firmware.FirmwareInputs.Window;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/// Machines to test with.
final class VirtInputs {

    static final Window SECOND_REDISTRIBUTORS = new Window(0x40_0000_0000L, 0x400_0000);

    private VirtInputs() {}

    static FirmwareInputs acpi(Msi msi, List<Smmu> smmus, RootBus... roots) {
        return of(Kind.ACPI, 3, 2, msi, smmus, new Options(true, true), roots);
    }

    static FirmwareInputs tree(int gic, Msi msi, List<Smmu> smmus, RootBus... roots) {
        return of(Kind.DEVICE_TREE, gic, 2, msi, smmus, new Options(false, true), roots);
    }

    static FirmwareInputs of(
            Kind kind,
            int gic,
            int cpus,
            Msi msi,
            List<Smmu> smmus,
            Options options,
            RootBus... roots) {
        return new FirmwareInputs(
                kind,
                cpus,
                new Window(0x4000_0000, 0x2000_0000),
                Gic.virt(gic, cpus, SECOND_REDISTRIBUTORS),
                msi,
                smmus,
                pci(roots),
                options,
                Board.plain(cpus));
    }

    private static PciHost pci(RootBus... roots) {
        return new PciHost(
                new Window(0x40_1000_0000L, 0x1000_0000),
                new Window(0x3eff_0000, 0x1_0000),
                new Window(0x1000_0000, 0x2eff_0000),
                Optional.of(new Window(0x80_0000_0000L, 0x80_0000_0000L)),
                35,
                List.of(roots),
                List.of());
    }

    static Smmu legacy() {
        return new Smmu(
                0x0905_0000, 106, false, false, OptionalInt.empty(), true, 0, 0, Optional.empty());
    }

    /// The n-th `arm-smmuv3` device.
    static Smmu device(int n, boolean accel, int firstBus, int lastBus) {
        return new Smmu(
                0x0c00_0000 + n * 0x2_0000L,
                144 + 4 * n,
                accel,
                accel,
                OptionalInt.empty(),
                false,
                firstBus,
                lastBus,
                Optional.empty());
    }

    static RootBus root(int firstBus, int lastBus) {
        return new RootBus(firstBus, lastBus, false, OptionalInt.empty(), List.of(), List.of());
    }

    static RootBus bypassing(int firstBus, int lastBus) {
        return new RootBus(firstBus, lastBus, true, OptionalInt.empty(), List.of(), List.of());
    }

    /// As it lies in memory.
    static byte[] iort(FirmwareInputs inputs) {
        return AcpiTable.sealed(Iort.build(inputs), AcpiBoard.Oem.QEMU);
    }
}
