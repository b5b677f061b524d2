package dev.belfry.model.system;

import dev.belfry.model.journey.Bytes;
import dev.belfry.model.memory.PhysicalMemory;
import dev.belfry.model.pci.spec.Bdf;
import java.util.List;
import java.util.OptionalLong;

/// A system to look at: our own machine, a live QEMU, a capture. Looking changes nothing in it.
public interface SystemView {

    /// Where this view comes from, as a person would name it.
    String source();

    /// Physical memory as far as it can be read. What cannot is not accepted.
    PhysicalMemory memory();

    /// The SMMUs found.
    List<Frame> smmus();

    /// The ITSs found.
    List<Frame> itss();

    /// The redistributors, one a CPU, in CPU order.
    List<Frame> redistributors();

    /// The GICv2m frames found.
    List<Frame> v2mFrames();

    /// The PCI functions found.
    List<Function> functions();

    /// A register frame.
    ///
    /// @param name how the system calls it
    /// @param base physical address
    /// @param registers its registers by offset
    record Frame(String name, long base, Registers registers) {}

    /// A frame's registers.
    interface Registers {
        /// The 4-byte register at `offset`; empty when it could not be read.
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
    /// @param msixTable raw MSI-X table, 16 bytes an entry; empty when it has none
    /// @param msixTableAddress physical address of the table, 0 when it has none
    record Function(Bdf bdf, Bytes config, Bytes msixTable, long msixTableAddress) {}
}
