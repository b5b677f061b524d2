package dev.belfry.kernel.firmware;

import java.util.ArrayList;
import java.util.List;

/// The Multiple APIC Description Table (ACPI 6.5, 5.2.12), as far as a GIC is described.
///
/// @param cpus enabled GICCs, in the table's order
/// @param distributors GICDs; Linux uses the first
/// @param redistributors GICRs, or one for each CPU when the GICCs have their addresses
/// @param frames GICv2m frames
/// @param itss ITSs
public record Madt(
        List<Cpu> cpus,
        List<Distributor> distributors,
        List<Redistributors> redistributors,
        List<MsiFrame> frames,
        List<Its> itss) {

    public Madt {
        cpus = List.copyOf(cpus);
        distributors = List.copyOf(distributors);
        redistributors = List.copyOf(redistributors);
        frames = List.copyOf(frames);
        itss = List.copyOf(itss);
    }

    /// Type 0xb.
    ///
    /// @param cpuInterface GICC's address; 0 for a GICv3
    /// @param redistributor GICR's address; 0 when a structure of its own has it
    /// @param mpidr affinity fields
    public record Cpu(long cpuInterface, long redistributor, long mpidr) {}

    /// Type 0xc.
    ///
    /// @param version 0 (look at the hardware), or 1..4
    public record Distributor(long base, int version) {}

    /// Type 0xe.
    public record Redistributors(long base, long length) {}

    /// Type 0xd.
    ///
    /// @param override whether `spiBase` and `spiCount` count instead of MSI_TYPER
    public record MsiFrame(long id, long base, boolean override, int spiCount, int spiBase) {}

    /// Type 0xf.
    ///
    /// @param id what IORT's ITS groups name
    public record Its(long id, long base) {}

    private static final int FIRST = 44;
    private static final int GICC = 0xb;
    private static final int GICD = 0xc;
    private static final int GIC_MSI_FRAME = 0xd;
    private static final int GICR = 0xe;
    private static final int GIC_ITS = 0xf;
    private static final int GICC_MIN = 76;
    private static final long REDISTRIBUTOR_SIZE = 0x2_0000;

    static Madt read(Table table) {
        Madt madt = new Builder().fill(table);
        if (!madt.redistributors().isEmpty()) {
            return madt;
        }
        List<Redistributors> each =
                madt.cpus().stream()
                        .filter(cpu -> cpu.redistributor() != 0)
                        .map(cpu -> new Redistributors(cpu.redistributor(), REDISTRIBUTOR_SIZE))
                        .toList();
        return new Madt(madt.cpus(), madt.distributors(), each, madt.frames(), madt.itss());
    }

    private static final class Builder {

        private final List<Cpu> cpus = new ArrayList<>();
        private final List<Distributor> distributors = new ArrayList<>();
        private final List<Redistributors> redistributors = new ArrayList<>();
        private final List<MsiFrame> frames = new ArrayList<>();
        private final List<Its> itss = new ArrayList<>();

        Madt fill(Table table) {
            int at = FIRST;
            while (at < table.length()) {
                int length = table.u8(at + 1L);
                if (length < 2 || length > table.length() - at) {
                    throw table.malformed("a structure of " + length + " bytes", at);
                }
                add(table.u8(at), new Table("MADT structure", table.copy(at, length)));
                at += length;
            }
            return new Madt(cpus, distributors, redistributors, frames, itss);
        }

        private void add(int type, Table it) {
            switch (type) {
                case GICC -> cpu(it);
                case GICD -> distributors.add(new Distributor(it.u64(8), it.u8(20)));
                case GICR -> redistributors.add(new Redistributors(it.u64(4), it.u32(12)));
                case GIC_ITS -> itss.add(new Its(it.u32(4), it.u64(8)));
                case GIC_MSI_FRAME ->
                        frames.add(
                                new MsiFrame(
                                        it.u32(4),
                                        it.u64(8),
                                        (it.u32(16) & 1) != 0,
                                        it.u16(20),
                                        it.u16(22)));
                default -> {}
            }
        }

        private void cpu(Table it) {
            boolean enabled = it.length() >= GICC_MIN && (it.u32(12) & 1) != 0;
            if (enabled) {
                cpus.add(new Cpu(it.u64(32), it.u64(60), it.u64(68)));
            }
        }
    }
}
