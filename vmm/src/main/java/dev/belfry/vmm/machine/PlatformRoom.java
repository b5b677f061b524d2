package dev.belfry.vmm.machine;

import dev.belfry.model.address.Gpa;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What the platform bus has left when all devices of the command line have their places: for the
/// CMDQ-Vs of SMMUs, which QEMU links to it once the machine is done, in the order of the SMMUs.
///
/// @param nextMmio the first free offset
/// @param nextIrq the first free interrupt of the bus
/// @param tpm registers of the TPM that took its place before
public record PlatformRoom(long nextMmio, int nextIrq, Optional<VirtMap.Region> tpm) {

    /// Interrupts of the bus.
    public static final int IRQS = 64;

    /// Bytes of a guest's CMDQ-V.
    public static final long CMDQV_SIZE = 0x5_0000;

    /// A place for a CMDQ-V.
    ///
    /// @param mmio its frame
    /// @param spi SPI number of its error interrupt
    public record Cmdqv(Gpa mmio, int spi) {}

    /// Places for `count` CMDQ-Vs; fewer when the bus is full then.
    public List<Cmdqv> cmdqvs(int count) {
        List<Cmdqv> places = new ArrayList<>();
        long alignment = alignment(CMDQV_SIZE);
        long offset = nextMmio;
        for (int i = 0; i < count; i++) {
            offset = (offset + alignment - 1) & -alignment;
            boolean fits = nextIrq + i < IRQS && offset + CMDQV_SIZE <= VirtMap.PLATFORM_BUS.size();
            if (!fits) {
                break;
            }
            places.add(
                    new Cmdqv(
                            VirtMap.PLATFORM_BUS.base().plus(offset),
                            VirtMap.SPI_PLATFORM_BUS + nextIrq + i));
            offset += CMDQV_SIZE;
        }
        return places;
    }

    /// A gap begins at a multiple of the size, rounded up to a power of two.
    public static long alignment(long size) {
        return Long.highestOneBit(2 * size - 1);
    }
}
