package dev.belfry.model.gic.spec;

import static dev.belfry.model.bits.Field.bit;
import static dev.belfry.model.bits.Field.bits;

import dev.belfry.model.bits.Field;

/// Tables of KVM's in-kernel ITS, revision 0 of its save and restore ABI
/// (Documentation/virt/kvm/devices/arm-vgic-its.rst).
enum KvmAbi0Tables implements ItsTableFormat {
    INSTANCE;

    private static final Field VALID = bit(63);
    private static final Field DTE_NEXT = bits(62, 49);
    private static final Field DTE_ITT_ADDR = bits(48, 5);
    private static final Field DTE_SIZE = bits(4, 0);
    private static final int ITT_ADDR_SHIFT = 8;
    private static final Field ITE_NEXT = bits(63, 48);
    private static final Field ITE_PINTID = bits(47, 16);
    private static final Field ICID = bits(15, 0);
    // Of bits 51:16 that the format gives it, KVM keeps 32.
    private static final Field CTE_RDBASE = bits(47, 16);

    @Override
    public String label() {
        return "kvm-abi-0";
    }

    @Override
    public int dteSize() {
        return 8;
    }

    @Override
    public int iteSize() {
        return 8;
    }

    @Override
    public int cteSize() {
        return 8;
    }

    @Override
    public int vteSize() {
        return 0;
    }

    @Override
    public boolean ctesAreIndexed() {
        return false;
    }

    @Override
    public Dte dte(long word) {
        return new Dte(
                VALID.isSet(word),
                DTE_SIZE.getInt(word),
                DTE_ITT_ADDR.get(word) << ITT_ADDR_SHIFT,
                DTE_NEXT.getInt(word));
    }

    /// An entry without a valid bit: INTID 0 means that the event is not mapped.
    @Override
    public Ite ite(long low, int high) {
        int intid = (int) ITE_PINTID.get(low);
        return new Ite(
                intid != 0,
                true,
                intid,
                ICID.getInt(low),
                0,
                Ite.NO_DOORBELL,
                ITE_NEXT.getInt(low));
    }

    @Override
    public Cte cte(long word) {
        return new Cte(VALID.isSet(word), (int) CTE_RDBASE.get(word), ICID.getInt(word));
    }

    @Override
    public Vte vte(long word) {
        return Vte.INVALID;
    }

    @Override
    public long encode(Vte vte) {
        return 0;
    }

    @Override
    public long encode(Dte dte) {
        return dte.valid()
                ? VALID.mask()
                        | DTE_NEXT.of(dte.next())
                        | DTE_ITT_ADDR.of(dte.ittAddr() >>> ITT_ADDR_SHIFT)
                        | DTE_SIZE.of(dte.size())
                : 0;
    }

    @Override
    public long encodeLow(Ite ite) {
        return ite.valid()
                ? ITE_NEXT.of(ite.next()) | ITE_PINTID.of(ite.intid()) | ICID.of(ite.icid())
                : 0;
    }

    @Override
    public int encodeHigh(Ite ite) {
        return 0;
    }

    @Override
    public long encode(Cte cte, int icid) {
        return cte.valid() ? VALID.mask() | CTE_RDBASE.of(cte.rdbase()) | ICID.of(icid) : 0;
    }
}
