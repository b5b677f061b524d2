package dev.belfry.model.gic.spec;

import static dev.belfry.model.bits.Field.bit;
import static dev.belfry.model.bits.Field.bits;

import dev.belfry.model.bits.Field;

/// Tables of QEMU's emulated ITS, as seen in the memory of guests that it ran.
enum QemuTcgTables implements ItsTableFormat {
    INSTANCE;

    private static final Field VALID = bit(0);
    private static final Field DTE_SIZE = bits(5, 1);
    private static final Field DTE_ITT_ADDR = bits(49, 6);
    private static final int ITT_ADDR_SHIFT = 8;
    private static final Field ITE_PHYSICAL = bit(1);
    private static final Field ITE_INTID = bits(25, 2);
    private static final Field ITE_ICID = bits(47, 32);
    private static final Field ITE_VPEID = bits(63, 48);
    private static final Field ITE_DOORBELL = bits(23, 0);
    private static final Field CTE_RDBASE = bits(16, 1);
    private static final Field VTE_SIZE = bits(5, 1);
    private static final Field VTE_ADDR = bits(41, 6);
    private static final int VTE_ADDR_SHIFT = 16;
    private static final Field VTE_RDBASE = bits(57, 42);

    @Override
    public String label() {
        return "qemu-tcg";
    }

    @Override
    public int dteSize() {
        return 8;
    }

    @Override
    public int iteSize() {
        return 12;
    }

    @Override
    public int cteSize() {
        return 8;
    }

    @Override
    public int vteSize() {
        return 8;
    }

    @Override
    public boolean ctesAreIndexed() {
        return true;
    }

    @Override
    public Dte dte(long word) {
        return new Dte(
                VALID.isSet(word),
                DTE_SIZE.getInt(word),
                DTE_ITT_ADDR.get(word) << ITT_ADDR_SHIFT,
                0);
    }

    @Override
    public Ite ite(long low, int high) {
        return new Ite(
                VALID.isSet(low),
                ITE_PHYSICAL.isSet(low),
                ITE_INTID.getInt(low),
                ITE_ICID.getInt(low),
                ITE_VPEID.getInt(low),
                ITE_DOORBELL.getInt(high),
                0);
    }

    @Override
    public Cte cte(long word) {
        return new Cte(VALID.isSet(word), CTE_RDBASE.getInt(word), -1);
    }

    @Override
    public Vte vte(long word) {
        return new Vte(
                VALID.isSet(word),
                VTE_SIZE.getInt(word),
                VTE_ADDR.get(word) << VTE_ADDR_SHIFT,
                VTE_RDBASE.getInt(word));
    }

    @Override
    public long encode(Vte vte) {
        return vte.valid()
                ? VALID.mask()
                        | VTE_SIZE.of(vte.vptSize())
                        | VTE_ADDR.of(vte.vptAddr() >>> VTE_ADDR_SHIFT)
                        | VTE_RDBASE.of(vte.rdbase())
                : 0;
    }

    @Override
    public long encode(Dte dte) {
        return dte.valid()
                ? VALID.mask()
                        | DTE_SIZE.of(dte.size())
                        | DTE_ITT_ADDR.of(dte.ittAddr() >>> ITT_ADDR_SHIFT)
                : 0;
    }

    @Override
    public long encodeLow(Ite ite) {
        return ite.valid()
                ? VALID.mask()
                        | ITE_PHYSICAL.of(ite.physical() ? 1 : 0)
                        | ITE_INTID.of(ite.intid())
                        | ITE_ICID.of(ite.icid())
                        | ITE_VPEID.of(ite.vpeid())
                : 0;
    }

    @Override
    public int encodeHigh(Ite ite) {
        return ite.valid() ? (int) ITE_DOORBELL.of(ite.doorbell()) : 0;
    }

    @Override
    public long encode(Cte cte, int icid) {
        return cte.valid() ? VALID.mask() | CTE_RDBASE.of(cte.rdbase()) : 0;
    }
}
