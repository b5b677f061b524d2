package dev.belfry.qemu.live;

import dev.belfry.model.system.PageImage;
import dev.belfry.qemu.QemuError;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The ways by which one machine is read.
final class Ways implements AutoCloseable {

    private final Port port;
    private final Optional<RamFile> ram;
    private final List<String> notes;

    private Ways(Port port, Optional<RamFile> ram, List<String> notes) {
        this.port = port;
        this.ram = ram;
        this.notes = notes;
    }

    /// A file that was named must be the right one; one that QEMU tells of may be out of reach.
    static Ways of(Port port, Machine machine, LiveOptions options) {
        List<String> notes = new ArrayList<>();
        if (options.ram().isPresent()) {
            RamFile file = RamFile.open(options.ram().get(), machine.backed(), port);
            return new Ways(port, Optional.of(file), notes);
        }
        Optional<RamFile> found = Optional.empty();
        Optional<Path> path = machine.ramFile().filter(Files::isReadable);
        if (path.isPresent()) {
            try {
                found = Optional.of(RamFile.open(path.get(), machine.backed(), port));
            } catch (QemuError e) {
                notes.add("RAM is not read through its file: " + e.getMessage() + ".");
            }
        }
        return new Ways(port, found, notes);
    }

    Port port() {
        return port;
    }

    String ramName() {
        return ram.map(r -> "the file " + r.path()).orElse(port.name());
    }

    List<String> notes() {
        return notes;
    }

    /// A page of RAM; no bytes when it cannot be read.
    byte[] page(long address) {
        byte[] out = ram.map(r -> r.bytes(address, PageImage.PAGE)).orElse(new byte[0]);
        return out.length > 0 ? out : port.bytes(address, PageImage.PAGE);
    }

    /// Places of an 8-byte word in RAM; none without the file behind it, which alone is fast
    /// enough.
    List<Long> search(long word) {
        return ram.map(r -> r.search(word)).orElse(List.of());
    }

    @Override
    public void close() {
        ram.ifPresent(RamFile::close);
    }
}
