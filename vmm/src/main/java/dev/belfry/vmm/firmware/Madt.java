package dev.belfry.vmm.firmware;

import dev.belfry.vmm.firmware.FirmwareInputs.Gic;
import dev.belfry.vmm.firmware.FirmwareInputs.Msi;
import dev.belfry.vmm.firmware.FirmwareInputs.Window;

/// The Multiple APIC Description Table (ACPI 6.5, 5.2.12; table revision 4).
final class Madt {

    private static final int PMU_INTID = 23;
    private static final int MAINTENANCE_INTID = 25;

    private Madt() {}

    static byte[] build(FirmwareInputs inputs) {
        Gic gic = inputs.gic();
        TableBytes out = new TableBytes().u32(0).u32(0);
        distributor(out, gic);
        for (int cpu = 0; cpu < inputs.cpus(); cpu++) {
            cpuInterface(out, inputs, cpu);
        }
        gic.redistributors().forEach(region -> redistributor(out, region));
        msi(out, inputs);
        return AcpiTable.of("APIC", 4, out);
    }

    /// MPIDR_EL1's affinity of a CPU: clusters of as many CPUs as a GIC's target list holds.
    static long mpidr(Gic gic, int cpu) {
        int cluster = gic.version() == 2 ? 8 : 16;
        return (long) (cpu / cluster) << 8 | cpu % cluster;
    }

    private static void distributor(TableBytes out, Gic gic) {
        out.u8(0xc).u8(24).u16(0).u32(0).u64(gic.distributor().base()).u32(0);
        out.u8(gic.version()).zeros(3);
    }

    private static void cpuInterface(TableBytes out, FirmwareInputs inputs, int cpu) {
        Gic gic = inputs.gic();
        boolean virtual = gic.virtualization().size() == 2;
        out.u8(0xb).u8(80).u16(0).u32(cpu).u32(cpu);
        out.u32(1) // enabled
                .u32(0)
                .u32(inputs.board().cpu().pmu() ? PMU_INTID : 0)
                .u64(0)
                .u64(gic.cpuInterface().map(Window::base).orElse(0L))
                .u64(virtual ? gic.virtualization().get(1).base() : 0) // GICV
                .u64(virtual ? gic.virtualization().get(0).base() : 0) // GICH
                .u32(inputs.board().world().virtualization() ? MAINTENANCE_INTID : 0)
                .u64(0) // GICR: in structures of its own
                .u64(mpidr(gic, cpu))
                .u32(0);
    }

    private static void redistributor(TableBytes out, Window region) {
        out.u8(0xe).u8(16).u16(0).u64(region.base()).u32(region.size());
    }

    /// Until 10.0 there is an ITS behind every GICv3, asked for or not.
    private static boolean its(FirmwareInputs inputs) {
        Board board = inputs.board();
        boolean told =
                board.release().isAtLeast(10, 1)
                        ? inputs.tellsOfIts()
                        : board.machine().isAtLeast(2, 8);
        return told && inputs.gic().version() != 2;
    }

    private static void msi(TableBytes out, FirmwareInputs inputs) {
        if (its(inputs)) {
            out.u8(0xf).u8(20).u16(0).u32(0).u64(Msi.Its.VIRT.base()).u32(0);
        }
        if (inputs.msi() instanceof Msi.Gicv2m frame) {
            out.u8(0xd).u8(24).u16(0).u32(0).u64(frame.base());
            out.u32(1) // SPI count and base below count, not MSI_TYPER
                    .u16(frame.count())
                    .u16(frame.firstIntId());
        }
    }
}
