package dev.belfry.model.pci;

import dev.belfry.model.bits.Field;
import dev.belfry.model.memory.MmioDevice;
import dev.belfry.model.memory.PhysicalMemory;
import java.util.Arrays;

/// The register frame of QEMU's `iommu-testdev` (docs/specs/iommu-testdev.rst): writes a pattern by
/// DMA, and reads it back from physical memory. A read of TRIGGERING does all of it. As in QEMU,
/// Bus Master Enable does not matter to it.
public final class IommuTestdev implements MmioDevice {

    public static final int TRIGGERING = 0x00;
    public static final int GVA_LO = 0x04;
    public static final int GVA_HI = 0x08;
    public static final int LEN = 0x0c;
    public static final int RESULT = 0x10;
    public static final int DBELL = 0x14;
    public static final int ATTRS = 0x18;
    public static final int GPA_LO = 0x1c;
    public static final int GPA_HI = 0x20;

    public static final int RESULT_OK = 0;
    public static final int RESULT_BAD_LENGTH = 0xdead0001;
    public static final int RESULT_WRITE_FAILED = 0xdead0002;
    public static final int RESULT_READ_FAILED = 0xdead0003;
    public static final int RESULT_MISMATCH = 0xdead0004;
    public static final int RESULT_NOT_ARMED = 0xdead0005;
    public static final int RESULT_BAD_ATTRIBUTES = 0xdead0006;
    public static final int RESULT_BUSY = 0xfffffffe;
    public static final int RESULT_IDLE = 0xffffffff;

    private static final Field ATTRS_SECURE = Field.bit(0);
    private static final Field ATTRS_SPACE = Field.bits(2, 1);
    private static final Field ATTRS_VALID = Field.bit(3);
    private static final int SPACE_SECURE = 0;
    private static final int SPACE_NON_SECURE = 1;

    private static final int PATTERN = 0x12345678;

    /// Lengths are the guest's to choose, up to 4 GiB: copied in pieces, a multiple of the pattern.
    private static final int PIECE = 1 << 16;

    private final Endpoint owner;
    private final PhysicalMemory system;
    private long gva;
    private long gpa;
    private int length;
    private int result;
    private int attributes;
    private boolean armed;

    /// @param owner whose requester id it uses
    /// @param system the physical memory that it reads back from
    public IommuTestdev(Endpoint owner, PhysicalMemory system) {
        this.owner = owner;
        this.system = system;
        owner.onReset(this::reset);
        reset();
    }

    private void reset() {
        gva = 0;
        gpa = 0;
        length = 0;
        result = RESULT_IDLE;
        armed = false;
        attributes = (int) ATTRS_SPACE.of(SPACE_NON_SECURE);
    }

    @Override
    public long size() {
        return 0x1000;
    }

    @Override
    public boolean accepts(long offset, int width) {
        return width >= 4 && offset % 4 == 0;
    }

    /// Eight bytes are two registers, the lower one first.
    @Override
    public long read(long offset, int width) {
        long low = register(offset);
        return width == 4 ? low : low | register(offset + 4) << 32;
    }

    private long register(long offset) {
        return switch ((int) offset) {
            case TRIGGERING -> trigger();
            case GVA_LO -> gva & 0xffff_ffffL;
            case GVA_HI -> gva >>> 32;
            case GPA_LO -> gpa & 0xffff_ffffL;
            case GPA_HI -> gpa >>> 32;
            case LEN -> length & 0xffff_ffffL;
            case RESULT -> result & 0xffff_ffffL;
            case ATTRS -> attributes & 0xffff_ffffL;
            default -> 0;
        };
    }

    @Override
    public void write(long offset, int width, long value, int requester) {
        store(offset, value & 0xffff_ffffL);
        if (width == 8) {
            store(offset + 4, value >>> 32);
        }
    }

    private void store(long offset, long bits) {
        switch ((int) offset) {
            case GVA_LO -> gva = (gva & ~0xffff_ffffL) | bits;
            case GVA_HI -> gva = (gva & 0xffff_ffffL) | (bits << 32);
            case GPA_LO -> gpa = (gpa & ~0xffff_ffffL) | bits;
            case GPA_HI -> gpa = (gpa & 0xffff_ffffL) | (bits << 32);
            case LEN -> length = (int) bits;
            case RESULT -> result = (int) bits;
            case ATTRS -> attributes = (int) bits;
            case DBELL -> arm((bits & 1) != 0);
            default -> {}
        }
    }

    private void arm(boolean on) {
        armed = on;
        result = on ? RESULT_BUSY : RESULT_IDLE;
    }

    private long trigger() {
        result = armed ? run() : RESULT_NOT_ARMED;
        armed = false;
        return 0;
    }

    private int run() {
        if (length == 0) {
            return RESULT_BAD_LENGTH;
        }
        if (inconsistentAttributes()) {
            return RESULT_BAD_ATTRIBUTES;
        }
        long total = length & 0xffff_ffffL;
        for (long at = 0; at < total; at += PIECE) {
            if (!owner.isAttached()
                    || !owner.bus()
                            .root()
                            .dma()
                            .write(owner.requesterId(), gva + at, pattern(total - at))) {
                return RESULT_WRITE_FAILED;
            }
        }
        return readBack(total);
    }

    private int readBack(long total) {
        for (long at = 0; at < total; at += PIECE) {
            byte[] expected = pattern(total - at);
            byte[] actual = new byte[expected.length];
            if (!system.readBytes(gpa + at, actual, 0, actual.length)) {
                return RESULT_READ_FAILED;
            }
            if (!Arrays.equals(expected, actual)) {
                return RESULT_MISMATCH;
            }
        }
        return RESULT_OK;
    }

    private boolean inconsistentAttributes() {
        int space = ATTRS_SPACE.getInt(attributes);
        return ATTRS_VALID.isSet(attributes)
                && (space == SPACE_SECURE || space == SPACE_NON_SECURE)
                && ATTRS_SECURE.isSet(attributes) != (space == SPACE_SECURE);
    }

    private static byte[] pattern(long left) {
        byte[] out = new byte[(int) Math.min(left, PIECE)];
        for (int i = 0; i < out.length; i++) {
            out[i] = (byte) (PATTERN >>> (i % 4 * 8));
        }
        return out;
    }
}
