package dev.belfry.model.system;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/// A view as a value: what was read of a system at one time. Two are equal when they answer alike.
///
/// @param source where it was taken
/// @param notes what could not be read then
/// @param ram the machine's RAM
/// @param frames register frames of every kind
/// @param functions PCI functions, kept by address
/// @param memory the pages that were read
/// @param kernelGic what the kernel said of the GIC that it emulates
public record Snapshot(
        String source,
        List<String> notes,
        List<Ram> ram,
        List<FrameImage> frames,
        List<Function> functions,
        PageImage memory,
        Optional<KernelGic> kernelGic)
        implements SystemView {

    /// A frame as it was read once.
    ///
    /// @param kind what it is
    /// @param name how the system calls it
    /// @param base physical address
    /// @param registers what was read
    public record FrameImage(FrameKind kind, String name, long base, RegisterImage registers) {}

    /// Without a word from a kernel.
    public Snapshot(
            String source,
            List<String> notes,
            List<Ram> ram,
            List<FrameImage> frames,
            List<Function> functions,
            PageImage memory) {
        this(source, notes, ram, frames, functions, memory, Optional.empty());
    }

    public Snapshot {
        notes = List.copyOf(notes);
        ram = List.copyOf(ram);
        frames = List.copyOf(frames);
        functions =
                functions.stream()
                        .sorted(
                                Comparator.<Function>comparingInt(f -> f.bdf().segment())
                                        .thenComparingInt(f -> f.bdf().routingId()))
                        .toList();
    }

    /// The same with what the kernel says of the GIC.
    public Snapshot with(KernelGic gic) {
        return new Snapshot(source, notes, ram, frames, functions, memory, Optional.of(gic));
    }

    @Override
    public List<Frame> frames(FrameKind kind) {
        return frames.stream()
                .filter(f -> f.kind == kind)
                .map(f -> new Frame(f.name, f.base, f.registers))
                .toList();
    }

    @Override
    public List<Long> search(long word) {
        return memory.search(word);
    }
}
