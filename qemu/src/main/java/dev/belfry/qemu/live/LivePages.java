package dev.belfry.qemu.live;

import dev.belfry.model.journey.Bytes;
import dev.belfry.model.memory.PhysicalMemory;
import dev.belfry.model.system.PageImage;
import dev.belfry.model.system.SystemView.Change;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// RAM of a running machine. Each page is read once, whole, and kept, so that one look at it sees
/// one state; [#changes] reads again.
final class LivePages implements PhysicalMemory {

    private static final int PAGE = PageImage.PAGE;
    private static final int WORD = 8;
    private static final byte[] NONE = {};

    /// Reads a whole page; no bytes when it cannot.
    interface Reader {
        byte[] page(long address);
    }

    private final List<MemoryTree.Region> ram;
    private final Reader reader;
    private final Map<Long, Page> pages = new HashMap<>();

    /// A page as it was read.
    private static final class Page {

        /// None when it is not RAM or could not be read.
        final byte[] bytes;

        /// Which of its 8-byte words somebody looked at.
        final BitSet used = new BitSet();

        Page(byte[] bytes) {
            this.bytes = bytes;
        }

        boolean there() {
            return bytes.length == PAGE;
        }

        void use(int from, int length) {
            used.set(from / WORD, (from + length - 1) / WORD + 1);
        }
    }

    LivePages(List<MemoryTree.Region> ram, Reader reader) {
        this.ram = ram;
        this.reader = reader;
    }

    /// The page that holds an address.
    private Page page(long address) {
        long base = address & -PAGE;
        Page page = pages.get(base);
        if (page == null) {
            page = new Page(isRam(base, PAGE) ? reader.page(base) : NONE);
            pages.put(base, page);
        }
        return page;
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
        return length > 0 && isRam(address, length) && page(address).there();
    }

    @Override
    public long read(long address, int width) {
        Page page = page(address);
        int within = (int) (address & (PAGE - 1));
        if (page.there() && within <= PAGE - width) {
            page.use(within, width);
            return value(page.bytes, within, width);
        }
        byte[] bytes = new byte[width];
        return readBytes(address, bytes, 0, width) ? value(bytes, 0, width) : 0;
    }

    private static long value(byte[] bytes, int at, int width) {
        long value = 0;
        for (int i = at + width - 1; i >= at; i--) {
            value = value << 8 | (bytes[i] & 0xff);
        }
        return value;
    }

    @Override
    public boolean readBytes(long address, byte[] into, int offset, int length) {
        int done = 0;
        while (done < length) {
            long at = address + done;
            Page page = page(at);
            if (!page.there()) {
                return false;
            }
            int within = (int) (at & (PAGE - 1));
            int n = Math.min(length - done, PAGE - within);
            page.use(within, n);
            System.arraycopy(page.bytes, within, into, offset + done, n);
            done += n;
        }
        return true;
    }

    /// Looking changes nothing.
    @Override
    public boolean write(long address, int width, long value, int requester) {
        return false;
    }

    /// Reads again every page that was looked at, and tells which 8-byte words that were looked at
    /// differ.
    List<Change> changes() {
        List<Change> out = new ArrayList<>();
        pages.forEach((address, page) -> {
            if (!page.used.isEmpty()) {
                compare(address, page, reader.page(address), out);
            }
        });
        return out;
    }

    private static void compare(long address, Page before, byte[] after, List<Change> out) {
        if (Arrays.equals(before.bytes, after)) {
            return;
        }
        for (int i = before.used.nextSetBit(0); i >= 0; i = before.used.nextSetBit(i + 1)) {
            int at = i * WORD;
            byte[] was = Arrays.copyOfRange(before.bytes, at, at + WORD);
            byte[] is = after.length == PAGE ? Arrays.copyOfRange(after, at, at + WORD) : NONE;
            if (!Arrays.equals(was, is)) {
                out.add(new Change(address + at, Bytes.of(was), Bytes.of(is)));
            }
        }
    }
}
