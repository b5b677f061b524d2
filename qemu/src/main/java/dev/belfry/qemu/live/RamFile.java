package dev.belfry.qemu.live;

import dev.belfry.qemu.QemuError;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// The file that backs the machine's RAM (`memory-backend-file,share=on`), mapped read-only: what
/// the guest writes is there at once.
final class RamFile implements AutoCloseable {

    private static final int SAMPLES = 32;
    private static final int SAMPLE = 64;
    private static final int SAMPLES_THAT_MAY_DIFFER = 4;

    private static final ValueLayout.OfLong LITTLE_ENDIAN_LONG =
            ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final Path path;
    private final Arena arena;
    private final MemorySegment file;
    private final List<MemoryTree.Region> regions;

    private RamFile(Path path, Arena arena, MemorySegment file, List<MemoryTree.Region> regions) {
        this.path = path;
        this.arena = arena;
        this.file = file;
        this.regions = regions;
    }

    /// Maps `path` as what backs `regions`.
    ///
    /// @throws QemuError when it cannot be mapped, is too small, or does not hold what `check`
    ///   reads: then it is the RAM of another machine, or not shared
    static RamFile open(Path path, List<MemoryTree.Region> regions, Port check) {
        Arena arena = Arena.ofShared();
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            MemorySegment file =
                    channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
            RamFile ram = new RamFile(path, arena, file, regions);
            ram.verify(check);
            return ram;
        } catch (IOException e) {
            arena.close();
            throw new QemuError(path + " cannot be mapped: " + e.getMessage(), e);
        } catch (QemuError e) {
            arena.close();
            throw e;
        }
    }

    /// The machine may run on meanwhile, so a few samples may differ.
    private void verify(Port check) {
        int differ = 0;
        for (MemoryTree.Region r : regions) {
            if (r.offset() < 0 || r.size() > file.byteSize() - r.offset()) {
                throw new QemuError(path + " is smaller than the RAM it should back");
            }
            for (int i = 0; i < SAMPLES; i++) {
                long address = r.base() + (r.size() / SAMPLES * i & -SAMPLE);
                byte[] there = check.bytes(address, SAMPLE);
                differ += Arrays.equals(there, bytes(address, SAMPLE)) ? 0 : 1;
            }
            if (differ > SAMPLES_THAT_MAY_DIFFER) {
                throw new QemuError(path + " does not hold this machine's RAM");
            }
        }
    }

    /// The file's name.
    Path path() {
        return path;
    }

    /// `length` bytes at a physical address; no bytes when the file does not back them all.
    byte[] bytes(long address, int length) {
        for (MemoryTree.Region r : regions) {
            long within = address - r.base();
            if (within >= 0 && length <= r.size() - within) {
                byte[] out = new byte[length];
                MemorySegment.copy(
                        file, ValueLayout.JAVA_BYTE, r.offset() + within, out, 0, length);
                return out;
            }
        }
        return new byte[0];
    }

    /// Places of an 8-byte word in the last `most` bytes of each region.
    List<Long> search(long word, long most) {
        List<Long> out = new ArrayList<>();
        for (MemoryTree.Region r : regions) {
            for (long at = Math.max(0, r.size() - most); at + 8 <= r.size(); at += 8) {
                if (file.get(LITTLE_ENDIAN_LONG, r.offset() + at) == word) {
                    out.add(r.base() + at);
                }
            }
        }
        return out;
    }

    @Override
    public void close() {
        arena.close();
    }
}
