package dev.belfry.qemu.script;

import static dev.belfry.model.bits.Field.bit;
import static dev.belfry.model.bits.Field.bits;

import dev.belfry.model.bits.Bits;
import dev.belfry.model.bits.Field;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// A CD with its translation tables: a few pages, blocks or contiguous runs at random places. All
/// its addresses are those of a [DraftSpace].
final class DraftContext {

    private static final Field T0SZ = bits(5, 0);
    private static final Field TG0 = bits(7, 6);
    private static final Field EPD0 = bit(14);
    private static final Field T1SZ = bits(21, 16);
    private static final Field TG1 = bits(23, 22);
    private static final Field EPD1 = bit(30);
    private static final Field V = bit(31);
    private static final Field IPS = bits(34, 32);
    private static final Field AFFD = bit(35);
    private static final Field TBI = bits(39, 38);
    private static final Field PAN = bit(40);
    private static final Field AA64 = bit(41);
    private static final Field R = bit(45);
    private static final Field A = bit(46);
    private static final Field ASET = bit(47);
    private static final Field ASID = bits(63, 48);
    private static final Field HAD = bit(1);

    private static final int MAPPINGS = 4;
    private static final long PAGE_DISTANCE = 0x10000;
    private static final long TABLE_SPACE = 0xa0000;
    private static final int CONTIGUOUS = 16;

    /// A mapping.
    ///
    /// @param iova an address that leads to one of the data pages
    /// @param at where the first of its leaf descriptors is in memory
    record Mapping(long iova, long at) {}

    private final Draft draft;
    private final DraftSpace space;
    private final int granule;
    private final int t0sz;
    private final long at;
    private final int asid;
    private final List<Mapping> mappings = new ArrayList<>();

    /// @param number 0..2
    /// @param space what its addresses mean
    DraftContext(Draft draft, int number, DraftSpace space) {
        this.draft = draft;
        this.space = space;
        granule = draft.pick(12, 12, 14, 16);
        t0sz = 16 + draft.random.nextInt(24);
        at = draft.contexts + 64L * number;
        asid = draft.random.nextInt(4);
        ScriptTables tree =
                new ScriptTables(granule, 64 - t0sz, space.of(draft.tables + number * TABLE_SPACE));
        for (int i = 0; i < MAPPINGS; i++) {
            map(tree, space.of(draft.data + i * PAGE_DISTANCE));
        }
        tables(tree).forEach((a, w) -> put(a, w));
        // Where a table begins is mapped too, as a rule, though nothing in it may be in use.
        tree.tables().stream().filter(t -> !draft.one(24)).forEach(space::use);
        words(tree);
    }

    /// A word at an address of its space.
    private void put(long address, long value) {
        space.use(address);
        draft.word(space.physical(address), value);
    }

    private void map(ScriptTables tree, long page) {
        int level = draft.one(6) ? 1 + draft.random.nextInt(2) : 3;
        level = tree.canMap(level) ? level : 3;
        long iova = draft.random.nextLong() & Bits.lowMask(64 - t0sz) & ~Bits.lowMask(granule);
        if (level == 3 && granule == 12 && draft.one(8)) {
            iova = Bits.alignDown(iova, granule + 4);
            long attributes = attributes() | 1L << 52;
            for (int i = 0; i < CONTIGUOUS; i++) {
                tree.map(
                        iova + ((long) i << granule),
                        level,
                        (page + ((long) i << 12)) | attributes);
            }
            space.use(page);
            mappings.add(new Mapping(iova, space.physical(tree.slot(iova, level))));
            return;
        }
        long output = Bits.alignDown(page, tree.leafBits(level));
        space.use(page);
        tree.map(iova, level, output | attributes());
        long within = Bits.alignDown(iova, tree.leafBits(level)) | (page - output);
        mappings.add(new Mapping(within, space.physical(tree.slot(within, level))));
    }

    private long attributes() {
        long out = 3L << 8 | (long) draft.random.nextInt(8) << 2;
        out |= draft.one(16) ? 0 : 1L << 10;
        out |= (draft.one(16) ? 0 : 1L << 6) | (draft.one(4) ? 1L << 7 : 0);
        out |= draft.random.nextBoolean() ? 1L << 11 : 0;
        return out | (long) draft.random.nextInt(4) << 53 | (draft.one(8) ? 1L << 51 : 0);
    }

    /// Table descriptors get hierarchical attributes now and then.
    private Map<Long, Long> tables(ScriptTables tree) {
        Map<Long, Long> out = tree.words();
        if (draft.one(4)) {
            tree.tableSlots()
                    .forEach(slot -> {
                        if (draft.one(3)) {
                            out.merge(slot, (long) draft.random.nextInt(16) << 59, (a, b) -> a | b);
                        }
                    });
        }
        return out;
    }

    private void words(ScriptTables tree) {
        long w0 = T0SZ.of(t0sz) | TG0.of(granule == 12 ? 0 : granule == 16 ? 1 : 2);
        w0 |= V.mask() | IPS.of(draft.pick(4, 4, 4, 4, 0, 1, 2, 3, 5)) | AA64.mask();
        w0 |= A.mask() | ASET.mask() | ASID.of(asid) | (draft.one(8) ? 0 : R.mask());
        w0 |= draft.one(6) ? AFFD.mask() : 0;
        w0 |= TBI.of(draft.random.nextInt(4)) | (draft.one(8) ? PAN.mask() : 0);
        w0 |= draft.one(32) ? EPD0.mask() : 0;
        if (draft.target.busBits() == 64 && draft.one(2)) {
            w0 |= T1SZ.of(t0sz) | TG1.of(granule == 12 ? 2 : granule == 16 ? 3 : 1);
        } else if (draft.one(3)) {
            w0 |= T1SZ.of(16 + draft.random.nextInt(24)) | TG1.of(draft.pick(1, 2, 3));
        } else {
            w0 |= EPD1.mask();
        }
        space.use(space.of(at));
        draft.word(at, w0);
        draft.word(at + 8, tree.root() | (draft.one(8) ? HAD.mask() : 0));
        draft.word(at + 16, tree.root() | (draft.one(8) ? HAD.mask() : 0));
        draft.word(at + 24, draft.random.nextLong());
    }

    /// Address of the CD in its space.
    long address() {
        return space.of(at);
    }

    DraftSpace space() {
        return space;
    }

    int asid() {
        return asid;
    }

    int inputBits() {
        return 64 - t0sz;
    }

    int granule() {
        return granule;
    }

    Mapping mapping() {
        return mappings.get(draft.random.nextInt(mappings.size()));
    }

    /// Changes one bit of the CD that leaves it one that translates.
    void change() {
        long w0 = draft.memory.getOrDefault(at, 0L);
        Field field = draft.pick(0, 1) == 0 ? R : AFFD;
        draft.change(at, w0 ^ field.mask());
    }
}
