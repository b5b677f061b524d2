package dev.belfry.kernel.its;

import dev.belfry.kernel.Machine;
import dev.belfry.kernel.memory.PageAllocator;
import dev.belfry.model.gic.spec.Gicr;
import dev.belfry.model.gic.spec.GicrCtlr;
import dev.belfry.model.gic.spec.GicrPropbaser;
import dev.belfry.model.gic.spec.GicrTyper;
import dev.belfry.model.gic.spec.LpiConfig;
import java.util.Arrays;
import java.util.OptionalInt;

/// LPI configuration and pending tables (IHI 0069 5.1), and which LPIs are taken.
public final class LpiTables {

    private static final int MAX_ID_BITS = 16;
    private static final int SIZE_64K = 0x10000;

    /// Inner shareable, read-allocate write-allocate write-back: PENDBASER has the same fields.
    private static final long ATTRIBUTES =
            GicrPropbaser.SHAREABILITY.of(1) | GicrPropbaser.INNER_CACHE.of(7);

    private static final int PRIORITY = 0xa0;
    private static final int GROUP1 = 2;

    private final Machine machine;
    private final PageAllocator pages;
    private final int idBits;
    private final long configuration;
    private final IntIdAllocator lpis;

    /// @param gicIdBits how many bits the GIC's INTIDs have; the kernel takes at most 16
    public LpiTables(Machine machine, PageAllocator pages, int gicIdBits) {
        this.machine = machine;
        this.pages = pages;
        this.idBits = Math.min(gicIdBits, MAX_ID_BITS);
        int bytes = Math.max(SIZE_64K, 1 << idBits);
        this.configuration = pages.allocate(bytes);
        byte[] reset = new byte[bytes];
        Arrays.fill(reset, (byte) (PRIORITY | GROUP1));
        machine.writeBytes(configuration, reset);
        this.lpis = new IntIdAllocator(LpiConfig.FIRST_LPI, (1 << idBits) - LpiConfig.FIRST_LPI);
    }

    /// Physical address of the configuration table: one byte an LPI.
    public long configuration() {
        return configuration;
    }

    /// Gives a redistributor its tables and enables LPIs there.
    ///
    /// @return false when it has no LPIs, or they are enabled already and the tables are not ours
    public boolean enable(GicV3.Redistributor redistributor) {
        Frame rd = new Frame(machine, redistributor.base());
        boolean enabled = GicrCtlr.ENABLE_LPIS.isSet(rd.read(Gicr.GICR_CTLR));
        if (enabled || !GicrTyper.PLPIS.isSet(redistributor.typer().value())) {
            return false;
        }
        long pending = pages.allocate(Math.max(SIZE_64K, (1 << idBits) / 8), SIZE_64K);
        long size = GicrPropbaser.ID_BITS.of(idBits - 1);
        write(rd, Gicr.GICR_PROPBASER, configuration | ATTRIBUTES | size);
        write(rd, Gicr.GICR_PENDBASER, pending | ATTRIBUTES);
        rd.write(Gicr.GICR_CTLR, rd.read(Gicr.GICR_CTLR) | GicrCtlr.ENABLE_LPIS.mask());
        return true;
    }

    private static void write(Frame rd, Gicr register, long value) {
        rd.write(register, value);
        rd.read(register);
    }

    /// The first of `count` LPIs in a row.
    OptionalInt allocate(int count) {
        return lpis.allocate(count, 1);
    }

    void release(int first, int count) {
        lpis.release(first, count);
    }

    /// Writes an LPI's configuration byte; an INV command must follow.
    void configure(int lpi, boolean enabled) {
        int value = PRIORITY | GROUP1 | (int) LpiConfig.ENABLE.of(enabled ? 1 : 0);
        machine.write(configuration + lpi - LpiConfig.FIRST_LPI, 1, value);
    }
}
