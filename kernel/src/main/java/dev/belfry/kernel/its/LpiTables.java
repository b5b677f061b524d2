package dev.belfry.kernel.its;

import dev.belfry.kernel.Machine;
import dev.belfry.kernel.memory.PageAllocator;
import java.util.Arrays;
import java.util.OptionalInt;

/// LPI configuration and pending tables (IHI 0069 5.1), and which LPIs are taken.
public final class LpiTables {

    /// The first LPI.
    public static final int FIRST_LPI = 8192;

    private static final int MAX_ID_BITS = 16;
    private static final int SIZE_64K = 0x10000;
    private static final int GICR_CTLR = 0x0;
    private static final int GICR_PROPBASER = 0x70;
    private static final int GICR_PENDBASER = 0x78;
    private static final long ENABLE_LPIS = 1;

    /// Inner shareable, read-allocate write-allocate write-back, in PROPBASER and PENDBASER.
    private static final long ATTRIBUTES = 1L << 10 | 7L << 7;

    private static final int PRIORITY = 0xa0;
    private static final int GROUP1 = 2;
    private static final int ENABLE = 1;

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
        this.lpis = new IntIdAllocator(FIRST_LPI, (1 << idBits) - FIRST_LPI);
    }

    /// Physical address of the configuration table: one byte an LPI.
    public long configuration() {
        return configuration;
    }

    /// Gives a redistributor its tables and enables LPIs there.
    ///
    /// @return false when it has no LPIs, or they are enabled already and the tables are not ours
    public boolean enable(GicV3.Redistributor redistributor) {
        long base = redistributor.base();
        long ctlr = machine.read(base + GICR_CTLR, 4);
        if (!redistributor.physicalLpis() || (ctlr & ENABLE_LPIS) != 0) {
            return false;
        }
        long pending = pages.allocate(Math.max(SIZE_64K, (1 << idBits) / 8), SIZE_64K);
        write(base + GICR_PROPBASER, configuration | ATTRIBUTES | (idBits - 1));
        write(base + GICR_PENDBASER, pending | ATTRIBUTES);
        ctlr = machine.read(base + GICR_CTLR, 4);
        machine.write(base + GICR_CTLR, 4, ctlr | ENABLE_LPIS);
        return true;
    }

    private void write(long register, long value) {
        machine.write(register, 8, value);
        machine.read(register, 8);
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
        int value = PRIORITY | GROUP1 | (enabled ? ENABLE : 0);
        machine.write(configuration + lpi - FIRST_LPI, 1, value);
    }
}
