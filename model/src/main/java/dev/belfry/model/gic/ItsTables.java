package dev.belfry.model.gic;

import static dev.belfry.model.bits.Field.bit;
import static dev.belfry.model.bits.Field.bits;

import dev.belfry.model.bits.Bits;
import dev.belfry.model.bits.Field;
import dev.belfry.model.gic.spec.Cte;
import dev.belfry.model.gic.spec.Dte;
import dev.belfry.model.gic.spec.GitsBaser;
import dev.belfry.model.gic.spec.GitsTyper;
import dev.belfry.model.gic.spec.Ite;
import dev.belfry.model.gic.spec.ItsTableFormat;
import dev.belfry.model.gic.spec.Vte;
import dev.belfry.model.memory.PhysicalMemory;

/// Where the entries of an ITS's tables are, as GITS_BASER<n> and the format say (IHI 0069 5.2),
/// and their contents. Every address is checked against what answers before it is used.
final class ItsTables {

    /// No such entry: the id is beyond the table.
    static final long BEYOND = -1;

    /// No such entry: the level-1 entry is not valid.
    static final long NO_PAGE = -2;

    /// No such entry: the level-1 entry does not answer.
    static final long UNREADABLE = -3;

    private static final Field L1_VALID = bit(63);
    private static final Field L1_ADDRESS = bits(51, 12);
    private static final int L1_BYTES = 8;
    private static final int VPEID_BITS = 16;

    private final PhysicalMemory memory;
    private final ItsTableFormat format;
    private final GitsBaser devices;
    private final GitsBaser collections;
    private final GitsBaser vpes;
    private final long deviceCount;
    private final long collectionCount;
    private final long vpeCount;

    ItsTables(
            PhysicalMemory memory,
            ItsTableFormat format,
            GitsTyper typer,
            GitsBaser devices,
            GitsBaser collections,
            GitsBaser vpes) {
        this.memory = memory;
        this.format = format;
        this.devices = devices;
        this.collections = collections;
        this.vpes = vpes;
        this.deviceCount = count(devices, typer.deviceIdBits());
        this.collectionCount = count(collections, typer.collectionIdBits());
        this.vpeCount = count(vpes, VPEID_BITS);
    }

    private static long count(GitsBaser baser, int idBits) {
        return baser.valid() ? Math.min(baser.entries(), 1L << idBits) : 0;
    }

    ItsTableFormat format() {
        return format;
    }

    GitsBaser devices() {
        return devices;
    }

    GitsBaser collections() {
        return collections;
    }

    /// One more than the highest DeviceID the table has room for.
    long deviceCount() {
        return deviceCount;
    }

    /// One more than the highest ICID the table has room for.
    long collectionCount() {
        return collectionCount;
    }

    /// One more than the highest vPEID the table has room for.
    long vpeCount() {
        return vpeCount;
    }

    /// Address of a device's entry, or why there is none.
    long deviceSlot(int deviceId) {
        long id = deviceId & 0xffff_ffffL;
        return id < deviceCount ? slot(devices, id) : BEYOND;
    }

    /// Address of entry number `index` of the collection table, or why there is none.
    long collectionSlot(int index) {
        return index >= 0 && index < collectionCount ? slot(collections, index) : BEYOND;
    }

    /// Address of a vPE's entry, or why there is none.
    long vpeSlot(int vpeid) {
        return vpeid >= 0 && vpeid < vpeCount ? slot(vpes, vpeid) : BEYOND;
    }

    /// Address of the level-1 entry of a device in an indirect table.
    long deviceL1(int deviceId) {
        return l1(devices, deviceId & 0xffff_ffffL);
    }

    private static long l1(GitsBaser table, long id) {
        long perPage = (1L << table.pageBits()) / table.entrySize();
        return table.address() + id / perPage * L1_BYTES;
    }

    private long slot(GitsBaser table, long id) {
        if (!table.indirect()) {
            return table.address() + id * table.entrySize();
        }
        long entry = l1(table, id);
        if (!memory.accepts(entry, L1_BYTES)) {
            return UNREADABLE;
        }
        long word = memory.read(entry, L1_BYTES);
        if (!isPage(word)) {
            return NO_PAGE;
        }
        long perPage = (1L << table.pageBits()) / table.entrySize();
        return page(word, table) + id % perPage * table.entrySize();
    }

    /// Whether a level-1 entry is valid.
    static boolean isPage(long word) {
        return L1_VALID.isSet(word);
    }

    /// Address of the page that a valid level-1 entry names.
    static long page(long word, GitsBaser table) {
        return Bits.alignDown(L1_ADDRESS.inPlace(word), table.pageBits());
    }

    /// Whether an entry of 8 bytes can be read at a slot.
    boolean answers(long slot) {
        return slot >= 0 && memory.accepts(slot, 8);
    }

    long word(long address) {
        return memory.read(address, 8);
    }

    int byteAt(long address) {
        return (int) memory.read(address, 1);
    }

    /// Copies what lies at `address`.
    void copy(long address, byte[] into) {
        memory.readBytes(address, into, 0, into.length);
    }

    Dte dte(long slot) {
        return format.dte(memory.read(slot, format.dteSize()));
    }

    Cte cte(long slot) {
        return format.cte(memory.read(slot, format.cteSize()));
    }

    Vte vte(long slot) {
        return format.vte(memory.read(slot, format.vteSize()));
    }

    /// Address of an event's entry.
    long iteAddress(Dte dte, int eventId) {
        return dte.ittAddr() + (eventId & 0xffff_ffffL) * format.iteSize();
    }

    boolean iteAnswers(long address) {
        return address >= 0 && memory.accepts(address, format.iteSize());
    }

    int iteHigh(long address) {
        return format.iteSize() > 8 ? (int) memory.read(address + 8, 4) : 0;
    }

    Ite ite(long address) {
        return format.ite(memory.read(address, 8), iteHigh(address));
    }

    void write(long slot, long word) {
        memory.write(slot, 8, word);
    }

    void write(long address, Ite ite) {
        memory.write(address, 8, format.encodeLow(ite));
        if (format.iteSize() > 8) {
            memory.write(address + 8, 4, format.encodeHigh(ite) & 0xffff_ffffL);
        }
    }

    /// Where the entry of a collection is, in a format that does not index them: looks through the
    /// table up to the first entry that is not valid.
    long findCollection(int icid) {
        int most = (int) Math.min(collectionCount, 0x10000);
        for (int i = 0; i < most; i++) {
            long slot = collectionSlot(i);
            if (!answers(slot)) {
                return slot < 0 ? slot : UNREADABLE;
            }
            Cte cte = cte(slot);
            if (!cte.valid()) {
                return slot;
            }
            if (cte.icid() == icid) {
                return slot;
            }
        }
        return BEYOND;
    }
}
