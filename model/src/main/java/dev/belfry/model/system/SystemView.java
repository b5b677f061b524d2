package dev.belfry.model.system;

import dev.belfry.model.journey.Bytes;
import dev.belfry.model.memory.PhysicalMemory;
import dev.belfry.model.pci.spec.Bdf;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/// A system to look at: our own machine, a live QEMU, a capture. Looking changes nothing in it.
public interface SystemView {

    /// Where this view comes from, as a person would name it, and through what it is read.
    String source();

    /// What could not be read or had to be put together, a sentence each.
    default List<String> notes() {
        return List.of();
    }

    /// Physical memory as far as it can be read: RAM, never a device's registers. What cannot be
    /// read is not accepted.
    PhysicalMemory memory();

    /// The machine's RAM, whether or not all of it can be read; empty when not known.
    default List<Ram> ram() {
        return List.of();
    }

    /// Places in RAM, 8-byte aligned, that hold `word`, lowest first: where firmware left its
    /// tables. A view that cannot search, or only in a part of RAM, gives what it has; the search
    /// is not something that was read.
    default List<Long> search(long word) {
        return List.of();
    }

    /// The 4-byte words of RAM at these addresses, zero-extended; empty where nothing can be read.
    /// For a search: what is seen is not something that was read.
    default List<OptionalLong> glance(List<Long> addresses) {
        PhysicalMemory memory = memory();
        return addresses.stream()
                .map(at ->
                        memory.accepts(at, 4)
                                ? OptionalLong.of(memory.read(at, 4))
                                : OptionalLong.empty())
                .toList();
    }

    /// The register frames of a kind, in the system's order; redistributors in CPU order.
    List<Frame> frames(FrameKind kind);

    /// The SMMUs found.
    default List<Frame> smmus() {
        return frames(FrameKind.SMMU);
    }

    /// The ITSs found: their control frames. GITS_TRANSLATER is 0x10040 above the base.
    default List<Frame> itss() {
        return frames(FrameKind.ITS);
    }

    /// The redistributors, one a CPU, in CPU order.
    default List<Frame> redistributors() {
        return frames(FrameKind.REDISTRIBUTOR);
    }

    /// The GICv2m frames found.
    default List<Frame> v2mFrames() {
        return frames(FrameKind.V2M);
    }

    /// The distributors found: one, or none when it cannot be read.
    default List<Frame> distributors() {
        return frames(FrameKind.DISTRIBUTOR);
    }

    /// The PCI functions found, by address.
    List<Function> functions();

    /// The format of this ITS's tables in memory.
    ///
    /// @param its one of [#itss]
    default ItsTables itsTables(Frame its) {
        OptionalLong iidr = its.registers().read32(4);
        return iidr.isPresent() ? ItsTables.of(iidr.getAsLong()) : ItsTables.UNKNOWN;
    }

    /// What the kernel says that emulates this machine's GIC, when it was asked.
    default Optional<KernelGic> kernelGic() {
        return Optional.empty();
    }

    /// Reads again what was read so far and tells what is no longer the same. A view of something
    /// that stands still has nothing to tell.
    default List<Change> changes() {
        return List.of();
    }

    /// A range of RAM.
    ///
    /// @param base physical address
    /// @param size bytes
    record Ram(long base, long size) {}

    /// What a frame is.
    enum FrameKind {
        SMMU,
        ITS,
        REDISTRIBUTOR,
        V2M,
        DISTRIBUTOR
    }

    /// A register frame.
    ///
    /// @param name how the system calls it
    /// @param base physical address
    /// @param registers its registers by offset
    record Frame(String name, long base, Registers registers) {}

    /// A frame's registers.
    interface Registers {
        /// The 4-byte register at `offset`, zero-extended; empty when it could not be read.
        OptionalLong read32(long offset);

        /// The 8-byte register at `offset`, read as two halves.
        default OptionalLong read64(long offset) {
            OptionalLong low = read32(offset);
            OptionalLong high = read32(offset + 4);
            return low.isPresent() && high.isPresent()
                    ? OptionalLong.of(high.getAsLong() << 32 | low.getAsLong())
                    : OptionalLong.empty();
        }
    }

    /// A PCI function.
    ///
    /// @param bdf where it is
    /// @param config its configuration space, 256 or 4,096 bytes
    /// @param msixTable raw MSI-X table, 16 bytes an entry; empty when it has none or it could not
    ///   be read
    /// @param msixTableAddress physical address of the table, 0 when it has none or its BAR is not
    ///   programmed
    record Function(Bdf bdf, Bytes config, Bytes msixTable, long msixTableAddress) {}

    /// Something that was not the same when read again.
    ///
    /// @param address physical address, 8-byte aligned for memory, of the register for registers
    /// @param before what was read first
    /// @param after what is there now; empty when it can no longer be read
    record Change(long address, Bytes before, Bytes after) {}
}
