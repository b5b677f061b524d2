package dev.belfry.kernel.iopgtable;

/// Who must hear that translations have gone: what a TLB may still hold.
public interface Flush {

    /// Nobody caches.
    Flush NONE =
            new Flush() {
                @Override
                public void table(long address, long size, long granule) {}

                @Override
                public void leaf(long address, long granule) {}
            };

    /// A table that covered `[address, address + size)` is gone, with all that it led to. Walk
    /// caches must forget it before its memory is used again, so this is to be done at once.
    ///
    /// @param granule page size
    void table(long address, long size, long granule);

    /// A page or block is gone; may be gathered.
    ///
    /// @param granule size of the page or block
    void leaf(long address, long granule);
}
