package dev.belfry.qemu.live;

import dev.belfry.model.system.PageImage;
import dev.belfry.qemu.QemuError;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/// The ways by which one machine is read.
final class Ways implements AutoCloseable {

    /// Where UEFI firmware (edk2) puts what it leaves to the OS: in the upper part of RAM, memory
    /// of that kind in blocks of 64 KiB, each begun by a header of 24 bytes.
    private static final long SEARCHED = 1L << 27;

    private static final long BLOCK = 1L << 16;
    private static final int HEADER = 24;
    private static final int PROBES = 256;

    private final PortChain port;
    private final Optional<RamFile> ram;
    private final List<MemoryTree.Region> regions;
    private final List<String> notes;

    private Ways(
            PortChain port,
            Optional<RamFile> ram,
            List<MemoryTree.Region> regions,
            List<String> notes) {
        this.port = port;
        this.ram = ram;
        this.regions = regions;
        this.notes = notes;
    }

    /// A file that was named must be the right one; one that QEMU tells of may be out of reach.
    static Ways of(PortChain port, Machine machine, LiveOptions options) {
        List<String> notes = new ArrayList<>();
        if (options.ram().isPresent()) {
            RamFile file = RamFile.open(options.ram().get(), machine.backed(), port);
            return new Ways(port, Optional.of(file), machine.tree().ram(), notes);
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
        return new Ways(port, found, machine.tree().ram(), notes);
    }

    PortChain port() {
        return port;
    }

    String ramName() {
        return ram.map(r -> "the file " + r.path()).orElse(port.name());
    }

    List<String> notes() {
        List<String> out = new ArrayList<>(notes);
        out.addAll(port.notes());
        return out;
    }

    /// A page of RAM; no bytes when it cannot be read.
    byte[] page(long address) {
        byte[] out = ram.map(r -> r.bytes(address, PageImage.PAGE)).orElse(new byte[0]);
        return out.length > 0 ? out : port.bytes(address, PageImage.PAGE);
    }

    /// 4-byte words of RAM, zero-extended; empty where they cannot be read.
    List<OptionalLong> words(List<Long> addresses) {
        return ram.isPresent()
                ? addresses.stream().map(a -> word(ram.get(), a)).toList()
                : port.read32(addresses);
    }

    private static OptionalLong word(RamFile file, long address) {
        byte[] four = file.bytes(address, 4);
        return four.length == 4
                ? OptionalLong.of(
                        ByteBuffer.wrap(four).order(ByteOrder.LITTLE_ENDIAN).getInt()
                                & 0xffff_ffffL)
                : OptionalLong.empty();
    }

    /// Places of an 8-byte word in the upper part of RAM: all of them when a file backs it, else
    /// the first at the head of a block.
    List<Long> search(long word) {
        return ram.isPresent() ? ram.get().search(word, SEARCHED) : probe(word);
    }

    private List<Long> probe(long word) {
        for (MemoryTree.Region r : regions) {
            List<Long> candidates = new ArrayList<>();
            long end = (r.base() + r.size()) & -BLOCK;
            long low = Math.max(r.base(), end - SEARCHED);
            for (long at = end - BLOCK + HEADER; at >= low; at -= BLOCK) {
                candidates.add(at);
            }
            for (int i = 0; i < candidates.size(); i += PROBES) {
                List<Long> some = candidates.subList(i, Math.min(i + PROBES, candidates.size()));
                List<OptionalLong> read = port.read32(some);
                for (int k = 0; k < some.size(); k++) {
                    if (read.get(k).orElse(0) == (word & 0xffff_ffffL)
                            && port.read32(some.get(k) + 4).orElse(0) == word >>> 32) {
                        return List.of(some.get(k));
                    }
                }
            }
        }
        return List.of();
    }

    @Override
    public void close() {
        ram.ifPresent(RamFile::close);
    }
}
