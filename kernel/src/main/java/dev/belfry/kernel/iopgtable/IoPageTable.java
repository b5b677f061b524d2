package dev.belfry.kernel.iopgtable;

import dev.belfry.kernel.Machine;
import dev.belfry.kernel.memory.PageAllocator;
import dev.belfry.model.bits.Bits;
import dev.belfry.model.smmu.spec.Descriptor;
import java.util.OptionalLong;

/// One set of translation tables in a machine's memory.
public final class IoPageTable {

    /// Stages of translation.
    public enum Stage {
        S1,
        S2
    }

    /// What a table is made for.
    ///
    /// @param stage which descriptor format
    /// @param granule page size
    /// @param inputBits size of the input address, 64 - T0SZ: 39..48, to 52 with 64 KiB pages
    /// @param outputBits size of the output address
    /// @param fwb stage 2 attributes are encoded for S2FWB
    /// @param dirty hardware marks what is written (DBM); stage 1 only
    public record Config(
            Stage stage,
            Granule granule,
            int inputBits,
            int outputBits,
            boolean fwb,
            boolean dirty) {

        /// Without dirty state.
        public Config(Stage stage, Granule granule, int inputBits, int outputBits, boolean fwb) {
            this(stage, granule, inputBits, outputBits, fwb, false);
        }
    }

    private static final int BLOCK = 1;
    private static final int TABLE_OR_PAGE = 3;

    private final Machine machine;
    private final PageAllocator pages;
    private final Config config;
    private final Geometry geometry;
    private final long root;

    /// Allocates an empty table.
    public IoPageTable(Machine machine, PageAllocator pages, Config config) {
        this.machine = machine;
        this.pages = pages;
        this.config = config;
        this.geometry =
                config.stage == Stage.S1
                        ? Geometry.stage1(config.granule, config.inputBits)
                        : Geometry.stage2(config.granule, config.inputBits, config.outputBits);
        this.root = pages.allocate(geometry.startBytes(), Math.max(64, geometry.startBytes()));
    }

    /// What it was made for.
    public Config config() {
        return config;
    }

    /// Its levels.
    public Geometry geometry() {
        return geometry;
    }

    /// Physical address of its first table: TTB0, S2TTB.
    public long root() {
        return root;
    }

    /// Maps `[address, address + size)` to `[output, output + size)`, by the largest blocks that
    /// the alignment of both allows; where a table stands already its entries are used, so that no
    /// table is ever replaced by a block.
    public MapStatus map(long address, long output, long size, Protection protection) {
        long page = config.granule.bytes() - 1;
        if (size <= 0 || ((address | output | size) & page) != 0) {
            return MapStatus.MISALIGNED;
        }
        boolean fits =
                Bits.fits(address, config.inputBits)
                        && Bits.fits(address + size - 1, config.inputBits)
                        && Bits.fits(output, config.outputBits)
                        && Bits.fits(output + size - 1, config.outputBits);
        if (!fits) {
            return MapStatus.RANGE;
        }
        long attributes =
                config.stage == Stage.S1
                        ? Attributes.stage1(protection, config.dirty)
                        : Attributes.stage2(protection, config.fwb);
        return mapIn(new Span(address, output, size), root, geometry.startLevel(), attributes);
    }

    private record Span(long address, long output, long size) {
        Span part(long offset, long length) {
            return new Span(address + offset, output + offset, length);
        }
    }

    /// Fills the part of the table at `level` that `span` covers.
    private MapStatus mapIn(Span span, long table, int level, long attributes) {
        int shift = config.granule.levelShift(level);
        long entrySize = 1L << shift;
        long done = 0;
        while (done < span.size) {
            long at = span.address + done;
            long length = Math.min(entrySize - (at & (entrySize - 1)), span.size - done);
            Span part = span.part(done, length);
            long slot = table + 8 * geometry.index(at, level);
            MapStatus status =
                    isLeaf(part, level) && !isTable(machine.read(slot, 8), level)
                            ? writeLeaf(part, slot, level, attributes)
                            : descend(part, slot, level, attributes);
            if (status != MapStatus.DONE) {
                return status;
            }
            done += length;
        }
        return MapStatus.DONE;
    }

    private boolean isLeaf(Span part, int level) {
        int shift = config.granule.levelShift(level);
        return level >= config.granule.firstBlockLevel()
                && part.size == 1L << shift
                && Bits.isAligned(part.output, shift);
    }

    private MapStatus writeLeaf(Span part, long slot, int level, long attributes) {
        long old = machine.read(slot, 8);
        if (Descriptor.VALID.isSet(old)) {
            return MapStatus.EXISTS;
        }
        int type = level == 3 ? TABLE_OR_PAGE : BLOCK;
        machine.write(slot, 8, attributes | encode(part.output) | type);
        return MapStatus.DONE;
    }

    private MapStatus descend(Span part, long slot, int level, long attributes) {
        long entry = machine.read(slot, 8);
        if (isBlock(entry, level)) {
            return MapStatus.EXISTS;
        }
        if (!Descriptor.VALID.isSet(entry)) {
            entry = encode(pages.allocate(config.granule.bytes())) | TABLE_OR_PAGE;
            machine.write(slot, 8, entry);
        }
        return mapIn(part, decode(entry), level + 1, attributes);
    }

    /// Removes `[address, address + size)`. A block or page goes only if it lies wholly inside; a
    /// table that the range covers wholly goes with all below it.
    ///
    /// @return how many bytes were unmapped: less than `size` where something was not mapped or
    ///   only a part of a block was meant
    public long unmap(long address, long size, Flush flush) {
        long page = config.granule.bytes() - 1;
        boolean sane =
                size > 0
                        && ((address | size) & page) == 0
                        && Bits.fits(address, config.inputBits)
                        && Bits.fits(address + size - 1, config.inputBits);
        return sane ? unmapIn(address, size, root, geometry.startLevel(), flush) : 0;
    }

    private long unmapIn(long address, long size, long table, int level, Flush flush) {
        long entrySize = 1L << config.granule.levelShift(level);
        long unmapped = 0;
        long done = 0;
        while (done < size) {
            long at = address + done;
            long length = Math.min(entrySize - (at & (entrySize - 1)), size - done);
            long slot = table + 8 * geometry.index(at, level);
            unmapped += unmapEntry(at, length, slot, level, flush);
            done += length;
        }
        return unmapped;
    }

    private long unmapEntry(long at, long length, long slot, int level, Flush flush) {
        long entry = machine.read(slot, 8);
        if (!Descriptor.VALID.isSet(entry)) {
            return 0;
        }
        boolean whole = length == 1L << config.granule.levelShift(level);
        if (isTable(entry, level)) {
            if (!whole || level < config.granule.firstBlockLevel()) {
                return unmapIn(at, length, decode(entry), level + 1, flush);
            }
            machine.write(slot, 8, 0);
            flush.table(at, length, config.granule.bytes());
            return freeTable(decode(entry), level + 1);
        }
        if (!whole) {
            return 0;
        }
        machine.write(slot, 8, 0);
        flush.leaf(at, length);
        return length;
    }

    /// Frees a table and those below it.
    ///
    /// @return how many bytes it mapped
    private long freeTable(long table, int level) {
        long mapped = 0;
        for (long slot = table; slot < table + config.granule.bytes(); slot += 8) {
            long entry = machine.read(slot, 8);
            if (isTable(entry, level)) {
                mapped += freeTable(decode(entry), level + 1);
            } else if (Descriptor.VALID.isSet(entry)) {
                mapped += 1L << config.granule.levelShift(level);
            }
        }
        pages.free(table);
        return mapped;
    }

    /// Where `address` leads, without regard to permissions.
    public OptionalLong iovaToPhys(long address) {
        if (!Bits.fits(address, config.inputBits)) {
            return OptionalLong.empty();
        }
        long table = root;
        for (int level = geometry.startLevel(); level <= 3; level++) {
            long entry = machine.read(table + 8 * geometry.index(address, level), 8);
            if (!Descriptor.VALID.isSet(entry)) {
                return OptionalLong.empty();
            }
            if (!isTable(entry, level)) {
                long offset = address & Bits.lowMask(config.granule.levelShift(level));
                return OptionalLong.of(decode(entry) | offset);
            }
            table = decode(entry);
        }
        return OptionalLong.empty();
    }

    /// Told of what was written.
    public interface DirtyRanges {
        /// `[address, address + size)`: a page or block, as far as it was asked for.
        void dirty(long address, long size);
    }

    /// Tells which pages and blocks in `[address, address + size)` are writable-dirty
    /// (`arm_lpae_read_and_clear_dirty`).
    ///
    /// @param clear makes them writable-clean again
    public void readDirty(long address, long size, boolean clear, DirtyRanges ranges) {
        if (size > 0 && Bits.fits(address + size - 1, config.inputBits)) {
            readDirtyIn(new Span(address, 0, size), root, geometry.startLevel(), clear, ranges);
        }
    }

    private void readDirtyIn(Span span, long table, int level, boolean clear, DirtyRanges ranges) {
        long entrySize = 1L << config.granule.levelShift(level);
        long done = 0;
        while (done < span.size) {
            long at = span.address + done;
            long length = Math.min(entrySize - (at & (entrySize - 1)), span.size - done);
            long slot = table + 8 * geometry.index(at, level);
            long entry = machine.read(slot, 8);
            if (isTable(entry, level)) {
                readDirtyIn(span.part(done, length), decode(entry), level + 1, clear, ranges);
            } else if (Descriptor.VALID.isSet(entry) && Attributes.writableDirty(entry)) {
                ranges.dirty(at, length);
                if (clear) {
                    machine.write(slot, 8, Attributes.writableClean(entry));
                }
            }
            done += length;
        }
    }

    /// Frees all tables. The owner has invalidated before.
    public void free() {
        long end = root + geometry.startBytes();
        for (long slot = root; slot < end; slot += 8) {
            long entry = machine.read(slot, 8);
            if (isTable(entry, geometry.startLevel())) {
                freeTable(decode(entry), geometry.startLevel() + 1);
            }
        }
        pages.free(root);
    }

    private static boolean isTable(long entry, int level) {
        return level < 3 && Descriptor.isTable(entry);
    }

    private static boolean isBlock(long entry, int level) {
        return level < 3 && Descriptor.VALID.isSet(entry) && !Descriptor.TABLE.isSet(entry);
    }

    private long encode(long output) {
        long low = Descriptor.ADDRESS_4K.inPlace(output);
        return config.granule == Granule.G64K
                ? low | Descriptor.ADDRESS_51_48.of(output >>> 48)
                : low;
    }

    private long decode(long entry) {
        Granule granule = config.granule;
        return Descriptor.address(entry, granule.shift(), granule == Granule.G64K);
    }
}
