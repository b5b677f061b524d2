package dev.belfry.model.smmu.spec;

import static dev.belfry.model.bits.Field.bit;
import static dev.belfry.model.bits.Field.bits;

import dev.belfry.model.bits.Field;

/// Registers of NVIDIA's Tegra241 CMDQ-V, an extension beside an SMMUv3: virtual interfaces (VINTF)
/// of logical command queues (LVCMDQ) that a guest may drive itself.
///
/// No public specification; offsets and fields are facts of Linux's `tegra241-cmdqv.c`. Offsets are
/// relative to the CMDQ-V's frame unless a base is named; registers are 32 bits wide unless said.
public final class CmdqvLayout {

    /// A page of any kind, bytes.
    public static final long PAGE = 0x1_0000;

    // Configuration page.
    public static final int CONFIG = 0x0000;
    public static final int PARAM = 0x0004;
    public static final int STATUS = 0x0008;

    /// 64 bits in two halves: which VINTFs have an error.
    public static final int VINTF_ERR_MAP = 0x0014;

    /// 64 bits in two halves.
    public static final int VINTF_INT_MASK = 0x001c;

    /// Four words: which global VCMDQs have an error.
    public static final int CMDQ_ERR_MAP = 0x0024;

    /// One word a global VCMDQ.
    public static final int CMDQ_ALLOC = 0x0200;

    /// `EN` of CONFIG, `ENABLED` of STATUS.
    public static final Field EN = bit(0);

    // PARAM.
    public static final Field NUM_SID_PER_VM_LOG2 = bits(15, 12);
    public static final Field NUM_VINTF_LOG2 = bits(11, 8);
    public static final Field NUM_VCMDQ_LOG2 = bits(7, 4);
    public static final Field VER = bits(3, 0);

    // CMDQ_ALLOC.
    public static final Field ALLOC_VINTF = bits(20, 15);
    public static final Field ALLOC_LVCMDQ = bits(7, 1);
    public static final Field ALLOCATED = bit(0);

    /// First VINTF's registers, and the distance to the next.
    public static final int VINTF = 0x1000;

    public static final int VINTF_STRIDE = 0x100;

    // Relative to a VINTF.
    public static final int VINTF_CONFIG = 0x00;
    public static final int VINTF_STATUS = 0x04;

    /// One word a StreamID: `vSID << 1 | 1`.
    public static final int SID_MATCH = 0x40;

    /// One word a StreamID: the physical one.
    public static final int SID_REPLACE = 0x80;

    /// 128 bits in four words.
    public static final int LVCMDQ_ERR_MAP = 0xc0;

    // VINTF_CONFIG.
    public static final Field HYP_OWN = bit(17);
    public static final Field VMID = bits(16, 1);

    /// Pages 0 and 1 of the global VCMDQs.
    public static final long VCMDQ_PAGE0 = PAGE;

    public static final long VCMDQ_PAGE1 = 2 * PAGE;

    /// Pages 0 and 1 of the first VINTF's logical VCMDQs; each VINTF has two.
    public static final long VINTF_PAGES = 3 * PAGE;

    /// A VCMDQ's registers in each page.
    public static final int VCMDQ_STRIDE = 0x80;

    // Relative to a VCMDQ in page 0.
    public static final int VCMDQ_CONS = 0x00;
    public static final int VCMDQ_PROD = 0x04;
    public static final int VCMDQ_CONFIG = 0x08;
    public static final int VCMDQ_STATUS = 0x0c;
    public static final int VCMDQ_GERROR = 0x10;
    public static final int VCMDQ_GERRORN = 0x14;

    /// Relative to a VCMDQ in page 1; 64 bits.
    public static final int VCMDQ_BASE = 0x00;

    /// Relative to a VCMDQ in page 1; 64 bits.
    public static final int VCMDQ_CONS_INDX_BASE = 0x08;

    // VCMDQ_CONS.
    public static final Field CONS_ERR = bits(30, 24);
    public static final Field INDEX = bits(19, 0);

    /// VCMDQ_GERROR: the queue could not be set up.
    public static final Field CMDQ_INIT_ERR = bit(2);

    // VCMDQ_BASE.
    public static final Field ADDR = bits(47, 5);
    public static final Field LOG2SIZE = bits(4, 0);

    private CmdqvLayout() {}

    /// Page 0 of a VINTF's logical VCMDQs: what a guest may be shown.
    public static long vintfPage0(int vintf) {
        return VINTF_PAGES + 2 * PAGE * vintf;
    }

    /// The VINTF whose page 0 is at an offset of the frame.
    public static int vintfOfPage0(long offset) {
        return (int) ((offset - VINTF_PAGES) / (2 * PAGE));
    }

    /// A VINTF's registers in the configuration page.
    public static long vintf(int index) {
        return VINTF + (long) VINTF_STRIDE * index;
    }

    /// Bytes of the whole frame.
    public static long frameSize(int vintfs) {
        return vintfPage0(vintfs);
    }
}
