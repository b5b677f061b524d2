package dev.belfry.host.iommufd;

import dev.belfry.host.uapi.Errno;
import dev.belfry.host.uapi.Result;
import dev.belfry.model.memory.MmioDevice;
import java.util.Map;
import java.util.TreeMap;

/// What can be mapped of a file's pages of registers, by offset (`ictx->mt_mmap`).
final class MmapTable {

    /// A page of registers of `owner`, which lives while it is mapped.
    record Entry(long offset, IommufdObject owner, MmioDevice page) {}

    private final TreeMap<Long, Entry> entries = new TreeMap<>();
    private final long pageSize;

    MmapTable(long pageSize) {
        this.pageSize = pageSize;
    }

    /// The lowest room there is, never 0.
    Entry add(IommufdObject owner, MmioDevice page) {
        long at = pageSize;
        for (Map.Entry<Long, Entry> e : entries.entrySet()) {
            if (at + page.size() <= e.getKey()) {
                break;
            }
            at = e.getKey() + e.getValue().page.size();
        }
        Entry made = new Entry(at, owner, page);
        entries.put(at, made);
        return made;
    }

    void remove(Entry entry) {
        entries.remove(entry.offset);
    }

    /// Maps the whole of an entry.
    ///
    /// @return `EINVAL` for a length that is not of whole pages, `ENXIO` where no entry begins or
    ///   one of another length
    Result<RegisterMapping> map(long offset, long length) {
        if ((length & (pageSize - 1)) != 0 || length == 0) {
            return Result.err(Errno.EINVAL, "a mapping is a whole number of pages");
        }
        Entry e = entries.get(offset);
        return e == null || e.page.size() != length
                ? Result.err(Errno.ENXIO, "the kernel told no such offset and length")
                : Result.ok(new RegisterMapping(e.owner, e.page));
    }
}
