package dev.belfry.qemu.live;

import dev.belfry.qemu.QemuError;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// The file that backs the machine's RAM (`memory-backend-file,share=on`): what the guest writes is
/// there at once.
///
/// It is read, not mapped: a file that is cut short meanwhile is an error and not a signal, and a
/// look of a few dozen pages is over before a mapping is made.
final class RamFile implements AutoCloseable {

    private static final int SAMPLES = 32;
    private static final int SAMPLE = 64;
    private static final int SAMPLES_THAT_MAY_DIFFER = 4;
    private static final int CHUNK = 1 << 20;

    private final Path path;
    private final FileChannel file;
    private final List<MemoryTree.Region> regions;

    private RamFile(Path path, FileChannel file, List<MemoryTree.Region> regions) {
        this.path = path;
        this.file = file;
        this.regions = regions;
    }

    /// Opens `path` as what backs `regions`.
    ///
    /// @throws QemuError when it cannot be opened, is too small, or does not hold what `check`
    ///   reads: then it is the RAM of another machine, or not shared
    static RamFile open(Path path, List<MemoryTree.Region> regions, Port check) {
        FileChannel file;
        try {
            file = FileChannel.open(path, StandardOpenOption.READ);
        } catch (IOException e) {
            throw new QemuError(path + " cannot be opened: " + e.getMessage(), e);
        }
        RamFile ram = new RamFile(path, file, regions);
        try {
            ram.verify(check);
            return ram;
        } catch (IOException e) {
            ram.close();
            throw new QemuError(path + " cannot be read: " + e.getMessage(), e);
        } catch (QemuError e) {
            ram.close();
            throw e;
        }
    }

    /// The machine may run on meanwhile, so a few samples may differ.
    private void verify(Port check) throws IOException {
        long size = file.size();
        List<Long> addresses = new ArrayList<>();
        for (MemoryTree.Region r : regions) {
            if (r.offset() < 0 || r.size() > size - r.offset()) {
                throw new QemuError(path + " is smaller than the RAM it should back");
            }
            for (int i = 0; i < SAMPLES; i++) {
                addresses.add(r.base() + (r.size() / SAMPLES * i & -SAMPLE));
            }
        }
        List<byte[]> there = check.bytes(addresses, SAMPLE);
        int differ = 0;
        for (int i = 0; i < addresses.size(); i++) {
            differ += Arrays.equals(there.get(i), bytes(addresses.get(i), SAMPLE)) ? 0 : 1;
        }
        if (differ > SAMPLES_THAT_MAY_DIFFER * regions.size()) {
            throw new QemuError(path + " does not hold this machine's RAM");
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
                return at(r.offset() + within, length);
            }
        }
        return new byte[0];
    }

    private byte[] at(long offset, int length) {
        ByteBuffer out = ByteBuffer.allocate(length);
        try {
            int n = 0;
            while (out.hasRemaining() && n >= 0) {
                n = file.read(out, offset + out.position());
            }
        } catch (IOException e) {
            throw new QemuError(path + " cannot be read: " + e.getMessage(), e);
        }
        return out.hasRemaining() ? new byte[0] : out.array();
    }

    /// Places of an 8-byte word in the last `most` bytes of each region.
    List<Long> search(long word, long most) {
        List<Long> out = new ArrayList<>();
        for (MemoryTree.Region r : regions) {
            for (long at = Math.max(0, r.size() - most); at + 8 <= r.size(); at += CHUNK) {
                byte[] some = at(r.offset() + at, (int) Math.min(CHUNK, r.size() - at));
                ByteBuffer words = ByteBuffer.wrap(some).order(ByteOrder.LITTLE_ENDIAN);
                while (words.remaining() >= 8) {
                    if (words.getLong() == word) {
                        out.add(r.base() + at + words.position() - 8);
                    }
                }
            }
        }
        return out;
    }

    @Override
    public void close() {
        try {
            file.close();
        } catch (IOException e) {
            throw new QemuError(path + " cannot be closed: " + e.getMessage(), e);
        }
    }
}
