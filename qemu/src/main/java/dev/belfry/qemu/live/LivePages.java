package dev.belfry.qemu.live;

import dev.belfry.model.journey.Bytes;
import dev.belfry.model.memory.PhysicalMemory;
import dev.belfry.model.system.PageImage;
import dev.belfry.model.system.SystemView.Change;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// RAM of a running machine. Each page is read once, whole, and kept, so that one look at it sees
/// one state; [#changes] reads again.
final class LivePages implements PhysicalMemory {

    private static final int PAGE = PageImage.PAGE;
    private static final byte[] NONE = {};

    /// Reads a whole page; no bytes when it cannot.
    interface Reader {
        byte[] page(long address);
    }

    private final List<MemoryTree.Region> ram;
    private final Reader reader;
    private final Map<Long, byte[]> pages = new HashMap<>();

    LivePages(List<MemoryTree.Region> ram, Reader reader) {
        this.ram = ram;
        this.reader = reader;
    }

    /// The page at a page-aligned address; no bytes when it is not RAM or cannot be read.
    private byte[] page(long address) {
        return pages.computeIfAbsent(address, a -> isRam(a, PAGE) ? reader.page(a) : NONE);
    }

    private boolean isRam(long address, long length) {
        for (MemoryTree.Region r : ram) {
            long within = address - r.base();
            if (Long.compareUnsigned(within, r.size()) < 0 && length <= r.size() - within) {
                return true;
            }
        }
        return false;
    }

    @Override
    public boolean accepts(long address, long length) {
        return length > 0 && isRam(address, length) && page(address & -PAGE).length == PAGE;
    }

    @Override
    public long read(long address, int width) {
        long value = 0;
        for (int i = width - 1; i >= 0; i--) {
            byte[] page = page((address + i) & -PAGE);
            if (page.length != PAGE) {
                return 0;
            }
            value = value << 8 | (page[(int) ((address + i) & (PAGE - 1))] & 0xff);
        }
        return value;
    }

    @Override
    public boolean readBytes(long address, byte[] into, int offset, int length) {
        int done = 0;
        while (done < length) {
            long at = address + done;
            byte[] page = page(at & -PAGE);
            if (page.length != PAGE) {
                return false;
            }
            int within = (int) (at & (PAGE - 1));
            int n = Math.min(length - done, PAGE - within);
            System.arraycopy(page, within, into, offset + done, n);
            done += n;
        }
        return true;
    }

    /// Looking changes nothing.
    @Override
    public boolean write(long address, int width, long value, int requester) {
        return false;
    }

    /// Reads every page again and tells which 8-byte words differ.
    List<Change> changes() {
        List<Change> out = new ArrayList<>();
        pages.forEach((address, before) -> {
            byte[] after = before.length == PAGE ? reader.page(address) : NONE;
            for (int at = 0; at < before.length; at += 8) {
                byte[] was = Arrays.copyOfRange(before, at, at + 8);
                byte[] is = after.length == PAGE ? Arrays.copyOfRange(after, at, at + 8) : NONE;
                if (!Arrays.equals(was, is)) {
                    out.add(new Change(address + at, Bytes.of(was), Bytes.of(is)));
                }
            }
        });
        return out;
    }
}
