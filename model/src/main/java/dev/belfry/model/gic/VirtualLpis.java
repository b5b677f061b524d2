package dev.belfry.model.gic;

import static dev.belfry.model.gic.InterruptSource.candidate;

import dev.belfry.model.gic.spec.GicrPendbaser;
import dev.belfry.model.gic.spec.GicrPropbaser;
import dev.belfry.model.gic.spec.GicrVpendbaser;
import dev.belfry.model.memory.PhysicalMemory;

/// The virtual LPIs of one Redistributor (IHI 0069 chapter 9, GICv4.0): those of the vPE that is
/// resident are kept here and go to the CPU's virtual interface; those of others wait in their
/// pending tables in memory, and a doorbell tells that they do.
final class VirtualLpis implements InterruptSource {

    private static final long VPROPBASER_BITS =
            GicrPropbaser.OUTER_CACHE.mask()
                    | GicrPropbaser.PHYSICAL_ADDRESS.mask()
                    | GicrPropbaser.SHAREABILITY.mask()
                    | GicrPropbaser.INNER_CACHE.mask()
                    | GicrPropbaser.ID_BITS.mask();
    private static final long VPENDBASER_BITS =
            GicrVpendbaser.VALID.mask()
                    | GicrVpendbaser.IDAI.mask()
                    | GicrVpendbaser.PENDING_LAST.mask()
                    | GicrVpendbaser.OUTER_CACHE.mask()
                    | GicrVpendbaser.PHYSICAL_ADDRESS.mask()
                    | GicrVpendbaser.SHAREABILITY.mask()
                    | GicrVpendbaser.INNER_CACHE.mask();

    private final PhysicalMemory memory;
    private final LpiState resident;
    private long vpropbaser;
    private long vpendbaser;

    VirtualLpis(PhysicalMemory memory, int idBits, boolean snoops) {
        this.memory = memory;
        this.resident = new LpiState(memory, new LpiConfigCache(memory, false), idBits, snoops);
    }

    void reset() {
        resident.disable();
        vpropbaser = 0;
        vpendbaser = 0;
    }

    long vpropbaser() {
        return vpropbaser;
    }

    long vpendbaser() {
        return vpendbaser;
    }

    /// The LPIs of the resident vPE.
    LpiState resident() {
        return resident;
    }

    /// Ignored while a vPE is resident (it is UNPREDICTABLE).
    void writeVpropbaser(long value) {
        if (!new GicrVpendbaser(vpendbaser).valid()) {
            vpropbaser = value & VPROPBASER_BITS;
        }
    }

    /// Valid becoming 1 makes a vPE resident, becoming 0 makes it leave; PendingLast tells then
    /// whether it has virtual LPIs to take. Another table while a vPE is resident is ignored (it is
    /// UNPREDICTABLE).
    void writeVpendbaser(long value) {
        boolean was = new GicrVpendbaser(vpendbaser).valid();
        boolean now = GicrVpendbaser.VALID.isSet(value);
        if (was && now) {
            return;
        }
        if (!was) {
            vpendbaser = value & VPENDBASER_BITS;
        }
        if (now) {
            GicrPendbaser table = new GicrPendbaser(GicrPendbaser.PTZ.set(vpendbaser, 0));
            resident.enable(new GicrPropbaser(vpropbaser), table);
        } else if (was) {
            boolean pending = resident.best() >= 0;
            resident.disable();
            long left = GicrVpendbaser.PENDING_LAST.set(vpendbaser, pending ? 1 : 0);
            vpendbaser = GicrVpendbaser.VALID.set(left, 0);
        }
    }

    /// Whether the vPE with this pending table is resident.
    boolean isResident(long table) {
        GicrVpendbaser r = new GicrVpendbaser(vpendbaser);
        return r.valid() && r.address() == table;
    }

    /// Makes a virtual LPI pending.
    ///
    /// @param table the vPE's pending table
    /// @return whether it can be taken without anybody's help; otherwise a doorbell is due
    boolean pend(int intid, long table) {
        if (!isResident(table)) {
            writeBit(intid, table, true);
            return false;
        }
        if (resident.accepts(intid)) {
            resident.set(intid);
        }
        return true;
    }

    /// Whether a virtual LPI is pending.
    ///
    /// @param table the vPE's pending table
    boolean isPending(int intid, long table) {
        return isResident(table) ? resident.isPending(intid) : bit(intid, table);
    }

    /// Makes a virtual LPI not pending.
    ///
    /// @return whether it was
    boolean clear(int intid, long table) {
        if (isResident(table)) {
            return resident.clear(intid);
        }
        boolean was = bit(intid, table);
        if (was) {
            writeBit(intid, table, false);
        }
        return was;
    }

    /// INV of a virtual LPI. Configuration of a vPE that is not resident is not cached.
    void invalidate(int intid, long table) {
        if (isResident(table)) {
            resident.invalidate(intid);
        }
    }

    /// VINVALL.
    void invalidateAll(long table) {
        if (isResident(table)) {
            resident.invalidateAll();
        }
    }

    private boolean bit(int intid, long table) {
        return ((memory.read(table + (intid >>> 3), 1) >>> (intid & 7)) & 1) != 0;
    }

    private void writeBit(int intid, long table, boolean set) {
        long address = table + (intid >>> 3);
        int bit = 1 << (intid & 7);
        long old = memory.read(address, 1);
        memory.write(address, 1, set ? old | bit : old & ~bit);
    }

    @Override
    public long best(boolean group0, boolean group1) {
        int intid = group1 ? resident.best() : -1;
        return intid < 0 ? NONE : candidate(resident.bestPriority(), true, intid);
    }

    @Override
    public void activate(int intid) {
        resident.clear(intid);
    }

    /// LPIs have no active state.
    @Override
    public void deactivate(int intid) {}

    /// A guest's SGIs are its hypervisor's affair before GICv4.1.
    @Override
    public void send(long sgir, boolean group1) {}
}
