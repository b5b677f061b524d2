package dev.belfry.model.system;

import dev.belfry.model.journey.Bytes;
import dev.belfry.model.memory.PhysicalMemory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/// Pages of memory as they were read once; immutable, compared by content. A page that is not here
/// is not accepted: nobody knows what it holds.
public final class PageImage implements PhysicalMemory {

    /// Bytes in a page.
    public static final int PAGE = 4096;

    private final long[] addresses;
    private final byte[][] pages;

    /// Where the last page was found: a hint, which may be anything.
    private int recent;

    /// Copies `pages`.
    ///
    /// @param pages contents by physical address
    /// @throws IllegalArgumentException when an address is not page aligned or a page not 4,096
    ///   bytes
    public PageImage(Map<Long, byte[]> pages) {
        NavigableMap<Long, byte[]> sorted = new TreeMap<>(Long::compareUnsigned);
        sorted.putAll(pages);
        this.addresses = new long[sorted.size()];
        this.pages = new byte[sorted.size()][];
        int i = 0;
        for (Map.Entry<Long, byte[]> e : sorted.entrySet()) {
            if ((e.getKey() & (PAGE - 1)) != 0 || e.getValue().length != PAGE) {
                throw new IllegalArgumentException("not a page: " + e.getKey());
            }
            addresses[i] = e.getKey();
            this.pages[i++] = e.getValue().clone();
        }
    }

    /// Addresses of the pages, lowest first.
    public List<Long> addresses() {
        List<Long> out = new ArrayList<>(addresses.length);
        for (long a : addresses) {
            out.add(a);
        }
        return out;
    }

    /// The page at `address`; no bytes when it is not here.
    public Bytes page(long address) {
        int i = find(address);
        return i < 0 ? Bytes.NONE : Bytes.of(pages[i]);
    }

    private int find(long address) {
        long page = address & -PAGE;
        int hint = recent;
        if (hint < addresses.length && addresses[hint] == page) {
            return hint;
        }
        int found = binarySearch(page);
        if (found >= 0) {
            recent = found;
        }
        return found;
    }

    private int binarySearch(long page) {
        int low = 0;
        int high = addresses.length - 1;
        while (low <= high) {
            int mid = (low + high) >>> 1;
            int order = Long.compareUnsigned(addresses[mid], page);
            if (order == 0) {
                return mid;
            } else if (order < 0) {
                low = mid + 1;
            } else {
                high = mid - 1;
            }
        }
        return -1;
    }

    @Override
    public boolean accepts(long address, long length) {
        if (length <= 0 || length > (long) addresses.length * PAGE) {
            return false;
        }
        int first = find(address);
        if (first < 0) {
            return false;
        }
        long count = ((address & (PAGE - 1)) + length + PAGE - 1) / PAGE;
        // Sorted without repeats: the pages are all there when the last one is where it should be.
        int last = (int) (first + count - 1);
        return last < addresses.length && addresses[last] == addresses[first] + (count - 1) * PAGE;
    }

    @Override
    public long read(long address, int width) {
        int within = (int) (address & (PAGE - 1));
        if (within > PAGE - width) {
            return acrossPages(address, width);
        }
        int i = find(address);
        if (i < 0) {
            return 0;
        }
        byte[] page = pages[i];
        long value = 0;
        for (int k = within + width - 1; k >= within; k--) {
            value = value << 8 | (page[k] & 0xff);
        }
        return value;
    }

    private long acrossPages(long address, int width) {
        if (!accepts(address, width)) {
            return 0;
        }
        long value = 0;
        for (int i = width - 1; i >= 0; i--) {
            long at = address + i;
            value = value << 8 | (pages[find(at)][(int) (at & (PAGE - 1))] & 0xff);
        }
        return value;
    }

    /// Places, 8-byte aligned, that hold `word`, lowest first.
    public List<Long> search(long word) {
        List<Long> out = new ArrayList<>();
        for (int i = 0; i < pages.length; i++) {
            ByteBuffer page = ByteBuffer.wrap(pages[i]).order(ByteOrder.LITTLE_ENDIAN);
            for (int at = 0; at < PAGE; at += 8) {
                if (page.getLong(at) == word) {
                    out.add(addresses[i] + at);
                }
            }
        }
        return out;
    }

    @Override
    public boolean readBytes(long address, byte[] into, int offset, int length) {
        int done = 0;
        while (done < length) {
            int i = find(address + done);
            if (i < 0) {
                return false;
            }
            int within = (int) ((address + done) & (PAGE - 1));
            int n = Math.min(length - done, PAGE - within);
            System.arraycopy(pages[i], within, into, offset + done, n);
            done += n;
        }
        return true;
    }

    /// Nothing is ever written here.
    @Override
    public boolean write(long address, int width, long value, int requester) {
        return false;
    }

    @Override
    public boolean equals(Object o) {
        return o instanceof PageImage other
                && Arrays.equals(addresses, other.addresses)
                && Arrays.deepEquals(pages, other.pages);
    }

    @Override
    public int hashCode() {
        return 31 * Arrays.hashCode(addresses) + Arrays.deepHashCode(pages);
    }

    @Override
    public String toString() {
        return addresses.length + " pages";
    }
}
