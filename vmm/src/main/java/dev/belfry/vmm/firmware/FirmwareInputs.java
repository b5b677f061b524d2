package dev.belfry.vmm.firmware;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/// Everything that firmware tables depend on. Addresses are guest-physical, interrupts are INTIDs
/// (a GSIV of ACPI; an SPI's number is 32 less).
///
/// @param kind tables or tree
/// @param cpus how many, at least 1
/// @param ram where guest memory is
/// @param gic the interrupt controller
/// @param msi who turns writes into interrupts
/// @param smmus SMMUv3s, in the order in which they were created
/// @param pci the PCI host
/// @param options what else can be chosen
/// @param board everything else on it
public record FirmwareInputs(
        Kind kind,
        int cpus,
        Window ram,
        Gic gic,
        Msi msi,
        List<Smmu> smmus,
        PciHost pci,
        Options options,
        Board board) {

    public FirmwareInputs {
        smmus = List.copyOf(smmus);
    }

    /// Whether newer releases tell of an ITS, be it there or not.
    boolean tellsOfIts() {
        return msi instanceof Msi.Its || board.phantomIts();
    }

    /// The same for another kind of firmware.
    public FirmwareInputs as(Kind other) {
        return new FirmwareInputs(other, cpus, ram, gic, msi, smmus, pci, options, board);
    }

    /// Kinds of firmware.
    public enum Kind {
        ACPI,
        DEVICE_TREE
    }

    /// A range of addresses.
    ///
    /// @param base first address
    /// @param size in bytes, more than 0
    public record Window(long base, long size) {

        /// The last address.
        public long last() {
            return base + size - 1;
        }
    }

    /// The interrupt controller.
    ///
    /// @param version 2, 3 or 4
    /// @param distributor GICD
    /// @param redistributors GICR regions; none for version 2
    /// @param cpuInterface GICC; version 2 only
    /// @param virtualization GICH, then GICV; version 2 only, may be empty
    public record Gic(
            int version,
            Window distributor,
            List<Window> redistributors,
            Optional<Window> cpuInterface,
            List<Window> virtualization) {

        public Gic {
            redistributors = List.copyOf(redistributors);
            virtualization = List.copyOf(virtualization);
        }

        /// Bytes of the first redistributor region of `virt`.
        private static final int FIRST_REGION = 0xf6_0000;

        /// As `virt` places it.
        ///
        /// @param version 2, 3 or 4
        /// @param cpus how many; from 124 on, or 62 with a GICv4, a second redistributor region is
        ///   needed
        /// @param secondRegion where that would be
        public static Gic virt(int version, int cpus, Window secondRegion) {
            Window distributor = new Window(0x0800_0000, 0x1_0000);
            if (version == 2) {
                return new Gic(
                        2,
                        distributor,
                        List.of(),
                        Optional.of(new Window(0x0801_0000, 0x1_0000)),
                        List.of(
                                new Window(0x0803_0000, 0x1_0000),
                                new Window(0x0804_0000, 0x1_0000)));
            }
            Window first = new Window(0x080a_0000, FIRST_REGION);
            int room = FIRST_REGION / (version == 4 ? 0x4_0000 : 0x2_0000);
            return new Gic(
                    version,
                    distributor,
                    cpus > room ? List.of(first, secondRegion) : List.of(first),
                    Optional.empty(),
                    List.of());
        }
    }

    /// Who turns writes into interrupts.
    public sealed interface Msi {

        /// A GICv3 ITS of 128 KiB.
        ///
        /// @param base its control frame
        record Its(long base) implements Msi {
            /// As `virt` places it.
            public static final Its VIRT = new Its(0x0808_0000);
        }

        /// A GICv2m frame of 4 KiB.
        ///
        /// @param base its registers
        /// @param firstIntId its first SPI, an INTID
        /// @param count how many SPIs
        record Gicv2m(long base, int firstIntId, int count) implements Msi {
            /// As `virt` places it.
            public static final Gicv2m VIRT = new Gicv2m(0x0802_0000, 80, 64);
        }

        /// Nobody: devices have no MSIs.
        record None() implements Msi {}
    }

    /// An SMMUv3.
    ///
    /// @param base its registers, 128 KiB
    /// @param firstIntId INTID of its event queue; PRI queue, CMD_SYNC and global errors follow
    /// @param accel whether it programs the host's
    /// @param ats whether devices behind it may use ATS
    /// @param identifier of its IORT node; a running number when absent
    /// @param legacy the machine's own (`iommu=smmuv3`): it serves every root bus without
    ///   `bypass_iommu`, and `firstBus`, `lastBus` do not count
    /// @param firstBus its primary bus
    /// @param lastBus last bus below that, inclusive
    /// @param cmdqv its CMDQ-V
    public record Smmu(
            long base,
            int firstIntId,
            boolean accel,
            boolean ats,
            OptionalInt identifier,
            boolean legacy,
            int firstBus,
            int lastBus,
            Optional<Cmdqv> cmdqv) {}

    /// A Tegra241 CMDQ-V.
    ///
    /// @param frame its registers
    /// @param intId INTID of its error interrupt
    public record Cmdqv(Window frame, int intId) {}

    /// The PCI host: one segment, a configuration space, windows, root buses.
    ///
    /// @param ecam configuration space from bus 0, 1 MiB a bus
    /// @param pio I/O window; its addresses on the bus begin at 0
    /// @param mmio32 memory window below 4 GiB
    /// @param mmio64 memory window above, if there is one
    /// @param firstIntId INTID of INTA of slot 0; the other lines follow
    /// @param roots `pcie.0` first, then one for each `pxb-pcie`
    /// @param slots functions on `pcie.0`, ascending
    public record PciHost(
            Window ecam,
            Window pio,
            Window mmio32,
            Optional<Window> mmio64,
            int firstIntId,
            List<RootBus> roots,
            List<Slot> slots) {

        public PciHost {
            roots = List.copyOf(roots);
            slots = List.copyOf(slots);
            if (roots.isEmpty()) {
                throw new IllegalArgumentException("a PCI host without a root bus");
            }
        }

        int buses() {
            return (int) (ecam.size() >>> 20);
        }
    }

    /// A function that ACPI has a device for.
    ///
    /// @param devfn device and function
    /// @param acpiIndex `acpi-index` of a function that cannot be unplugged
    /// @param below functions on the bus below, if it is a bridge, ascending
    public record Slot(int devfn, OptionalInt acpiIndex, List<Slot> below) {
        public Slot {
            below = List.copyOf(below);
        }
    }

    /// A root bus and what is below it.
    ///
    /// @param firstBus its number; 0 for `pcie.0`
    /// @param lastBus the last bus below it, inclusive
    /// @param bypassIommu `bypass_iommu`, or `default_bus_bypass_iommu` for `pcie.0`
    /// @param numaNode of a `pxb-pcie`
    /// @param io ports that it claims from the host's; none for `pcie.0`, which has the rest
    /// @param memory memory windows, likewise
    public record RootBus(
            int firstBus,
            int lastBus,
            boolean bypassIommu,
            OptionalInt numaNode,
            List<Window> io,
            List<Window> memory) {

        public RootBus {
            io = List.copyOf(io);
            memory = List.copyOf(memory);
        }
    }

    /// Choices.
    ///
    /// @param preserveConfig `_DSM` function 5 asks the guest to keep PCI's boot configuration;
    ///   `virt` does so as soon as there is an `arm-smmuv3` device
    /// @param rmr one IORT RMR node for each accelerated SMMU, as QEMU has it; without, a guest
    ///   does not know of the host's MSI window
    /// @param msiWindow the host's MSI window, which RMR nodes tell of
    public record Options(boolean preserveConfig, boolean rmr, Window msiWindow) {

        /// With the window of a released host.
        public Options(boolean preserveConfig, boolean rmr) {
            this(preserveConfig, rmr, SW_MSI);
        }
    }

    /// Where a Linux host's SMMUv3 driver maps MSI doorbells of devices that it does not drive
    /// itself (`MSI_IOVA_BASE`, `MSI_IOVA_LENGTH`).
    public static final Window SW_MSI = new Window(0x0800_0000, 0x10_0000);
}
