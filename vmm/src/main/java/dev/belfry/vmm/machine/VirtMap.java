package dev.belfry.vmm.machine;

import dev.belfry.model.address.Gpa;
import java.util.Optional;

/// Where things are on the virt board.
///
/// Low addresses and SPI numbers are fixed; the regions above RAM depend on how much RAM there is,
/// on `highmem*` and on how many physical address bits the guest has.
///
/// @param ramSize bytes of RAM from [#RAM] on
/// @param deviceMemory room for hot-plugged memory, if any
/// @param redist2 second redistributor region
/// @param ecam PCI configuration space, high or low
/// @param mmio64 64-bit PCI window
/// @param highestGpa the last address of the map
public record VirtMap(
        long ramSize,
        Optional<Region> deviceMemory,
        Optional<Region> redist2,
        Region ecam,
        Optional<Region> mmio64,
        Gpa highestGpa) {

    /// A range of guest-physical addresses.
    ///
    /// @param base first address
    /// @param size in bytes
    public record Region(Gpa base, long size) {

        /// @param base guest-physical
        /// @param size in bytes
        public static Region of(long base, long size) {
            return new Region(new Gpa(base), size);
        }

        /// The last address.
        public Gpa last() {
            return base.plus(size - 1);
        }

        /// Whether the address lies in it.
        public boolean contains(Gpa address) {
            return Long.compareUnsigned(address.value() - base.value(), size) < 0;
        }
    }

    public static final Region FLASH = Region.of(0, 0x0800_0000);
    public static final Region GICD = Region.of(0x0800_0000, 0x1_0000);
    public static final Region GICC = Region.of(0x0801_0000, 0x1_0000);
    public static final Region GICV2M = Region.of(0x0802_0000, 0x1000);
    public static final Region ITS = Region.of(0x0808_0000, 0x2_0000);
    public static final Region GICR = Region.of(0x080a_0000, 0xf6_0000);
    public static final Region UART0 = Region.of(0x0900_0000, 0x1000);
    public static final Region RTC = Region.of(0x0901_0000, 0x1000);
    public static final Region FW_CFG = Region.of(0x0902_0000, 0x18);
    public static final Region SMMU = Region.of(0x0905_0000, SmmuInstance.MMIO_SIZE);
    public static final Region VIRTIO_MMIO = Region.of(0x0a00_0000, 32 * 0x200);
    public static final Region PLATFORM_BUS = Region.of(0x0c00_0000, 0x0200_0000);
    public static final Region MMIO32 = Region.of(0x1000_0000, 0x2eff_0000);
    public static final Region PIO = Region.of(0x3eff_0000, 0x1_0000);
    public static final Region ECAM_LOW = Region.of(0x3f00_0000, 0x0100_0000);
    public static final Gpa RAM = new Gpa(1L << 30);

    /// SPI numbers; the GIC's interrupt id is 32 more.
    public static final int SPI_UART0 = 1;

    public static final int SPI_RTC = 2;
    public static final int SPI_PCIE_INTA = 3;
    public static final int SPI_GICV2M = 48;
    public static final int SPI_SMMU = 74;
    public static final int SPI_PLATFORM_BUS = 112;

    /// Redistributors that fit into [#GICR].
    public static final int LOW_REDISTRIBUTORS = 123;

    private static final long GIB = 1L << 30;
    private static final long LOWEST_HIGH_BASE = 256 * GIB;
    private static final long REDIST2_SIZE = 64L << 20;
    private static final long CXL_SIZE = 16L << 16;
    private static final long ECAM_SIZE = 256L << 20;

    /// Buses that ECAM has room for.
    public int buses() {
        return (int) (ecam.size() >>> 20);
    }

    /// RAM as a region.
    public Region ram() {
        return new Region(RAM, ramSize);
    }

    /// Computes the map.
    ///
    /// @param paBits physical address bits of the guest, 32..52; `highmem=off` acts as 32
    /// @return empty when RAM does not fit
    public static Optional<VirtMap> of(Memory memory, Highmem highmem, int paBits) {
        int bits = highmem.enabled() ? paBits : 32;
        long limit = 1L << bits;
        if (memory.maxSize() > limit) {
            return Optional.empty();
        }
        long deviceBase = roundUp(RAM.value() + memory.size(), GIB);
        long deviceSize = memory.maxSize() - memory.size() + memory.slots() * GIB;
        long top = deviceBase + roundUp(deviceSize, GIB);
        if (top > limit) {
            return Optional.empty();
        }
        HighRegions high =
                new HighRegions(Math.max(top, LOWEST_HIGH_BASE), top - 1, limit, highmem.compact());
        Optional<Region> redist2 = high.place(REDIST2_SIZE, highmem.redists());
        high.place(CXL_SIZE, false); // cxl=on uses it without asking for it
        Optional<Region> ecam = high.place(ECAM_SIZE, highmem.ecam());
        Optional<Region> mmio64 = high.place(highmem.mmioSize(), highmem.mmio());
        return Optional.of(
                new VirtMap(
                        memory.size(),
                        deviceSize > 0
                                ? Optional.of(Region.of(deviceBase, deviceSize))
                                : Optional.empty(),
                        redist2,
                        ecam.orElse(ECAM_LOW),
                        mmio64,
                        new Gpa(high.highest)));
    }

    /// By how many bytes memory goes beyond the address bits.
    public static long excess(Memory memory, int bits) {
        long deviceBase = roundUp(RAM.value() + memory.size(), GIB);
        long deviceSize = memory.maxSize() - memory.size() + memory.slots() * GIB;
        return deviceBase + roundUp(deviceSize, GIB) - (1L << bits);
    }

    private static long roundUp(long value, long unit) {
        return (value + unit - 1) / unit * unit;
    }

    /// The regions above RAM, each aligned to its own size.
    private static final class HighRegions {

        private final long limit;
        private final boolean compact;
        private long base;
        private long highest;

        HighRegions(long base, long highest, long limit, boolean compact) {
            this.base = base;
            this.highest = highest;
            this.limit = limit;
            this.compact = compact;
        }

        /// A region that does not fit is silently left out, as QEMU leaves it out. Without the
        /// compact layout a missing region still takes its place.
        Optional<Region> place(long size, boolean wanted) {
            long start = roundUp(base, size);
            boolean fits = size <= limit && start <= limit - size;
            boolean there = wanted && fits;
            if (compact && !there) {
                return Optional.empty();
            }
            base = start + size;
            if (fits) {
                highest = base - 1;
            }
            return there ? Optional.of(Region.of(start, size)) : Optional.empty();
        }
    }
}
