package dev.belfry.qemu.capture;

import dev.belfry.model.journey.Bytes;
import dev.belfry.model.memory.PhysicalMemory;
import dev.belfry.model.pci.spec.Bdf;
import dev.belfry.model.pci.spec.ConfigSpace;
import dev.belfry.model.system.PageImage;
import dev.belfry.model.system.Snapshot;
import dev.belfry.model.system.Snapshot.FrameImage;
import dev.belfry.model.system.SystemView;
import dev.belfry.qemu.pci.MsixTable;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// A whole guest memory as an ELF core (`dump-guest-memory`), with a text file for what is not in
/// memory: registers as in `*-regs.txt` of a capture, one frame after another, and PCI functions
/// with their MSI-X entries as in `pci-msix.txt`.
public final class CoreCapture implements SystemView, AutoCloseable {

    private static final int MOST_TEXT = 1 << 24;

    private final ElfCore core;
    private final Snapshot rest;

    private CoreCapture(ElfCore core, Snapshot rest) {
        this.core = core;
        this.rest = rest;
    }

    /// Opens the core and reads the registers file.
    ///
    /// @throws CaptureError when one of them cannot be read or is damaged
    public static CoreCapture open(Path core, Path registers) {
        String name = registers.toString();
        StringBuilder frames = new StringBuilder();
        StringBuilder functions = new StringBuilder();
        split(Text.of(Gzip.file(registers, MOST_TEXT)), frames, functions);
        List<String> notes = new ArrayList<>();
        List<Function> list = functions(name, functions.toString(), notes);
        List<FrameImage> images = RegisterText.parse(name, frames.toString());
        ElfCore memory = ElfCore.open(core);
        String source = "core " + core.getFileName() + " with " + registers.getFileName();
        PageImage none = new PageImage(Map.of());
        return new CoreCapture(
                memory, new Snapshot(source, notes, memory.ram(), images, list, none));
    }

    /// Lines about PCI functions begin at `… rid=` and end at the next `#`. Each line stays at its
    /// number in the text it goes to.
    private static void split(String text, StringBuilder frames, StringBuilder functions) {
        boolean pci = false;
        for (String line : text.split("\n", -1)) {
            pci = line.contains(" rid=0x") || (pci && !line.startsWith("#"));
            (pci ? functions : frames).append(line);
            frames.append('\n');
            functions.append('\n');
        }
    }

    private static List<Function> functions(String name, String text, List<String> notes) {
        Map<Integer, Bytes> configs = PciText.parse(name, text);
        Map<Integer, Map<Integer, Bytes>> entries = PciText.entries(name, text);
        List<Function> out = new ArrayList<>();
        configs.forEach((rid, bytes) -> {
            MsixTable msix = MsixTable.of(ConfigSpace.of(bytes));
            int vectors = msix.entries();
            Map<Integer, Bytes> listed = entries.getOrDefault(rid, new TreeMap<>());
            if (listed.size() < vectors) {
                notes.add(
                        "Of %d MSI-X entries of %s only %d are in the registers file; the others count as masked."
                                .formatted(
                                        vectors, Bdf.of(0, rid).withoutSegment(), listed.size()));
            }
            out.add(
                    new Function(
                            Bdf.of(0, rid), bytes, PciText.table(vectors, listed), msix.address()));
        });
        return out;
    }

    @Override
    public String source() {
        return rest.source();
    }

    @Override
    public List<String> notes() {
        return rest.notes();
    }

    @Override
    public PhysicalMemory memory() {
        return core;
    }

    @Override
    public List<Ram> ram() {
        return rest.ram();
    }

    @Override
    public List<Frame> frames(FrameKind kind) {
        return rest.frames(kind);
    }

    @Override
    public List<Function> functions() {
        return rest.functions();
    }

    /// Ends the mapping of the core; its memory must not be read after that.
    @Override
    public void close() {
        core.close();
    }
}
