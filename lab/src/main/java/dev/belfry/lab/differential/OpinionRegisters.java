package dev.belfry.lab.differential;

import dev.belfry.model.smmu.SmmuIdentity;
import java.util.List;

/// Registers as they were written, and what of them is read back.
final class OpinionRegisters {

    static final int CR0 = 0x20;
    static final int CR0ACK = 0x24;
    static final int CR1 = 0x28;
    static final int CR2 = 0x2c;
    static final int GBPA = 0x44;
    static final int IRQ_CTRL = 0x50;
    static final int IRQ_CTRLACK = 0x54;
    static final int GERROR = 0x60;
    static final int GERRORN = 0x64;
    static final int STRTAB_BASE = 0x80;
    static final int STRTAB_BASE_CFG = 0x88;
    static final int CMDQ_BASE = 0x90;
    static final int CMDQ_PROD = 0x98;
    static final int CMDQ_CONS = 0x9c;
    static final int EVENTQ_BASE = 0xa0;
    static final int EVENTQ_PROD = 0xa8;
    static final int EVENTQ_CONS = 0xac;

    private static final long BASE = 0x4000_0000_0000_0000L;
    private static final int PAGE_1 = 0x10000;
    private static final int MAX_LOG2 = 19;
    private static final long GBPA_RESET = 0x1000;
    private static final long UPDATE = 1L << 31;

    /// CR0 bits that QEMU's CR0ACK shows, whatever the identity has.
    private static final long QEMU_CR0ACK = 0x3df;

    /// Identification registers, whose contents are IMPLEMENTATION DEFINED (6.2.1), as QEMU's are.
    private static final int ID_REGS = 0xfd0;

    private static final List<Integer> QEMU_IDS =
            List.of(4, 0, 0, 0, 0x84, 0xb4, 0xf0, 0x10, 0x0d, 0xf0, 0x05, 0xb1);

    private final SmmuIdentity id;
    private final Quirks quirks;
    private final long[] words = new long[0x200 / 4];
    private int stickySplit = -1;

    OpinionRegisters(SmmuIdentity id, Quirks quirks) {
        this.id = id;
        this.quirks = quirks;
        words[GBPA / 4] = GBPA_RESET;
    }

    private static int plain(int offset) {
        return offset & ~PAGE_1;
    }

    /// The 4-byte register as it was written.
    long get(int offset) {
        return words[offset / 4];
    }

    long get64(int offset) {
        return words[offset / 4] | words[offset / 4 + 1] << 32;
    }

    void set(int offset, long value) {
        words[offset / 4] = value & 0xffff_ffffL;
    }

    /// The register that an access is to, from page 0 on; -1 for none. Page 1 has the indexes of
    /// the output queues; 64-bit accesses to two 32-bit registers are left open (6.2).
    private int register(int offset, int width) {
        int at = plain(offset);
        if (at < 0 || at + width > words.length * 4 || (at & (width - 1)) != 0) {
            return -1;
        }
        boolean index = at == EVENTQ_PROD || at == EVENTQ_CONS;
        if (offset >= PAGE_1 && !index && !quirks.take(Quirk.PAGE_1_IS_PAGE_0)) {
            return -1;
        }
        boolean wide =
                switch (at) {
                    case 0x68, STRTAB_BASE, CMDQ_BASE, EVENTQ_BASE, 0xb0 -> true;
                    default -> width == 4;
                };
        return wide || !quirks.take(Quirk.TWO_REGISTERS_AT_ONCE_IGNORED) ? at : -1;
    }

    /// Stores what software writes.
    ///
    /// @return the register, as in page 0; -1 for none
    int store(int offset, int width, long value) {
        int at = register(offset, width);
        if (at < 0) {
            return at;
        }
        if (at == GBPA) {
            if ((value & UPDATE) != 0) {
                set(GBPA, value & ~UPDATE);
            }
            return at;
        }
        set(at, value);
        if (width == 8) {
            set(at + 4, value >>> 32);
        }
        if (at == STRTAB_BASE_CFG && (value >>> 16 & 3) == 1) {
            stickySplit = (int) (value >>> 6 & 0x1f);
        }
        return at;
    }

    boolean enabled(int bit) {
        return (get(CR0) >>> bit & 1) != 0;
    }

    /// SPLIT of the last two-level configuration, or -1.
    int stickySplit() {
        return stickySplit;
    }

    /// What a read gives.
    long read(int offset, int width) {
        boolean ids = plain(offset) >= ID_REGS && plain(offset) < ID_REGS + 4 * QEMU_IDS.size();
        if (ids && width == 4 && quirks.take(Quirk.IDENTIFICATION_REGISTERS)) {
            return QEMU_IDS.get((plain(offset) - ID_REGS) / 4);
        }
        int at = register(offset, width);
        if (at < 0) {
            return 0;
        }
        long low = read32(at);
        return width == 8 ? low | read32(at + 4) << 32 : low;
    }

    private long read32(int at) {
        if (at <= 0x1c) {
            return identity(at) & 0xffff_ffffL;
        }
        if (at == GBPA && quirks.take(Quirk.GBPA_ABSENT)) {
            return 0;
        }
        long written =
                switch (at) {
                    case CR0ACK -> get(CR0) & QEMU_CR0ACK;
                    case IRQ_CTRLACK -> get(IRQ_CTRL);
                    default -> get(at);
                };
        long there = written & implemented(at);
        return written != there && quirks.take(Quirk.REGISTERS_KEPT_AS_WRITTEN) ? written : there;
    }

    private int identity(int at) {
        return switch (at) {
            case 0x00 -> id.idr0();
            case 0x04 -> id.idr1();
            case 0x08 -> id.idr2();
            case 0x0c -> id.idr3();
            case 0x10 -> id.idr4();
            case 0x14 -> id.idr5();
            case 0x18 -> id.iidr();
            default -> id.aidr();
        };
    }

    /// An index with its wrap bit; what is above is RAZ (6.3.28, 6.3.95).
    private long index(int base) {
        return (2L << Math.min(get(base) & 0x1f, MAX_LOG2)) - 1;
    }

    /// The bits that exist without PRI, ATS, MSI, VMW, HYP and BTM (IHI 0070 6.3).
    private long implemented(int at) {
        long address = (1L << id.oas()) - 1;
        return switch (at) {
            case CR0, CR0ACK -> 0xd;
            case CR1 -> 0xfff;
            case CR2 -> 0x2;
            case IRQ_CTRL, IRQ_CTRLACK -> 0x5;
            case GBPA -> 0x1f_3f1f;
            case GERROR, GERRORN -> 0x105;
            case STRTAB_BASE -> 0xffff_ffc0L;
            case CMDQ_BASE, EVENTQ_BASE -> 0xffff_ffffL;
            case STRTAB_BASE + 4, CMDQ_BASE + 4, EVENTQ_BASE + 4 -> (address | BASE) >>> 32;
            case STRTAB_BASE_CFG -> 0x3_07ff;
            case CMDQ_PROD -> 0xf_ffff;
            case CMDQ_CONS -> 0x7f00_0000L | index(CMDQ_BASE);
            case EVENTQ_PROD -> 0x8000_0000L | index(EVENTQ_BASE);
            case EVENTQ_CONS -> 0x800f_ffffL;
            default -> 0;
        };
    }
}
