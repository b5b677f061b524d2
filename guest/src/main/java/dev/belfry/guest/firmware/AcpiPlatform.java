package dev.belfry.guest.firmware;

import dev.belfry.guest.firmware.FirmwareInfo.Cpu;
import dev.belfry.guest.firmware.Gic.Range;
import dev.belfry.guest.firmware.HostBridge.Space;
import dev.belfry.guest.firmware.HostBridge.Window;
import dev.belfry.kernel.firmware.AcpiAddressSpace;
import dev.belfry.kernel.firmware.AcpiHostBridge;
import dev.belfry.kernel.firmware.AcpiTables;
import dev.belfry.kernel.firmware.Dsdt;
import dev.belfry.kernel.firmware.FirmwareError;
import dev.belfry.kernel.firmware.Iort;
import dev.belfry.kernel.firmware.Madt;
import dev.belfry.kernel.firmware.Mcfg;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Joins what ACPI's tables say about one platform, as Linux does.
final class AcpiPlatform {

    private static final int LAST_BUS = 255;

    private final Madt madt;
    private final Mcfg mcfg;
    private final AcpiIds ids;
    private final List<MsiController> msiControllers;

    private AcpiPlatform(Madt madt, Mcfg mcfg, Optional<Iort> iort) {
        this.madt = madt;
        this.mcfg = mcfg;
        msiControllers = msiControllers(madt);
        ids = new AcpiIds(iort, msiControllers);
    }

    static FirmwareInfo read(AcpiTables tables) {
        Madt madt = tables.madt().orElseThrow(() -> new FirmwareError("no MADT"));
        Mcfg mcfg = tables.mcfg().orElse(new Mcfg(List.of()));
        AcpiPlatform platform = new AcpiPlatform(madt, mcfg, tables.iort());
        List<HostBridge> bridges = new ArrayList<>();
        tables.dsdt()
                .ifPresent(dsdt ->
                        dsdt.hostBridges()
                                .forEach(b -> platform.bridge(b).ifPresent(bridges::add)));
        return new FirmwareInfo(
                FirmwareInfo.Source.ACPI,
                madt.cpus().stream().map(cpu -> new Cpu(cpu.mpidr())).toList(),
                platform.gic(),
                platform.msiControllers,
                platform.ids.smmus(tables.dsdt().map(Dsdt::cmdqvs).orElse(List.of())),
                bridges,
                platform.ids.reservedMemory());
    }

    private static List<MsiController> msiControllers(Madt madt) {
        List<MsiController> all = new ArrayList<>();
        madt.itss().forEach(its -> all.add(new MsiController.Its((int) its.id(), its.base())));
        for (Madt.MsiFrame frame : madt.frames()) {
            all.add(
                    new MsiController.V2m(
                            (int) frame.id(),
                            frame.base(),
                            frame.override() ? frame.spiBase() : 0,
                            frame.override() ? frame.spiCount() : 0));
        }
        return all;
    }

    private Gic gic() {
        if (madt.distributors().isEmpty()) {
            throw new FirmwareError("MADT: no distributor");
        }
        Madt.Distributor distributor = madt.distributors().getFirst();
        boolean hasRedistributors = !madt.redistributors().isEmpty();
        int version =
                distributor.version() != 0 ? distributor.version() : hasRedistributors ? 3 : 2;
        long cpuInterface =
                madt.cpus().stream().mapToLong(Madt.Cpu::cpuInterface).findFirst().orElse(0);
        List<Range> redistributors =
                madt.redistributors().stream().map(r -> new Range(r.base(), r.length())).toList();
        return version >= 3
                ? new Gic(3, distributor.base(), redistributors, 0)
                : new Gic(2, distributor.base(), List.of(), cpuInterface);
    }

    /// A host bridge; none when nothing says where its configuration space is.
    private Optional<HostBridge> bridge(AcpiHostBridge acpi) {
        Optional<AcpiAddressSpace> buses =
                acpi.resources().stream()
                        .filter(r -> r.kind() == AcpiAddressSpace.Kind.BUS)
                        .findFirst();
        int first = buses.map(b -> (int) b.first()).orElse(acpi.bus()) & LAST_BUS;
        int last = Math.clamp(buses.map(b -> first + b.size() - 1).orElse(255L), first, 255);
        Optional<Long> base =
                acpi.configBase().isPresent()
                        ? Optional.of(acpi.configBase().getAsLong())
                        : mcfg.of(acpi.segment(), first, last).map(Mcfg.Space::base);
        AcpiIds.Segment segment = ids.segment(acpi.segment());
        return base.map(bus0 ->
                new HostBridge(
                        acpi.segment(),
                        bus0 + ((long) first << 20),
                        first,
                        last,
                        windows(acpi.resources()),
                        acpi.preservesBootConfig(),
                        acpi.coherent(),
                        segment.ats(),
                        segment.iommuMaps(),
                        segment.msiMaps()));
    }

    private static List<Window> windows(List<AcpiAddressSpace> resources) {
        List<Window> windows = new ArrayList<>();
        for (AcpiAddressSpace it : resources) {
            if (it.kind() == AcpiAddressSpace.Kind.BUS || !it.producer()) {
                continue;
            }
            windows.add(
                    new Window(
                            space(it),
                            it.prefetchable(),
                            it.first() + it.translation(),
                            it.first(),
                            it.size()));
        }
        return windows;
    }

    private static Space space(AcpiAddressSpace it) {
        if (it.kind() == AcpiAddressSpace.Kind.IO) {
            return Space.IO;
        }
        return (it.first() + it.size() - 1) >>> 32 == 0 ? Space.MEM32 : Space.MEM64;
    }
}
