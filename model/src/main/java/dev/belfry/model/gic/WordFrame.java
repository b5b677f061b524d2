package dev.belfry.model.gic;

import dev.belfry.model.memory.MmioDevice;

/// A register frame made of words: 8-byte registers are two of them, low half first; bytes and
/// halfwords reach only the registers that are arrays of bytes. What is not aligned, or too narrow
/// or too wide for its register, reads as zero and writes nothing, as QEMU and KVM have it.
abstract class WordFrame implements MmioDevice {

    /// The register at `offset`, 4-byte aligned and within the frame.
    abstract int read32(long offset);

    /// Writes the register at `offset`, 4-byte aligned and within the frame.
    abstract void write32(long offset, int value, int requester);

    /// Whether the register at `offset` has 8 bytes.
    boolean wideAt(long offset) {
        return false;
    }

    /// Whether single bytes may be accessed at `offset`.
    boolean bytesAt(long offset) {
        return false;
    }

    /// Writes one byte of a register for which [#bytesAt] holds.
    void write8(long offset, int value) {}

    @Override
    public final long read(long offset, int width) {
        if (outside(offset, width)) {
            return 0;
        }
        return switch (width) {
            case 8 ->
                    wideAt(offset)
                            ? ((long) read32(offset + 4) << 32) | (read32(offset) & 0xffff_ffffL)
                            : 0;
            case 4 -> read32(offset) & 0xffff_ffffL;
            case 1, 2 ->
                    bytesAt(offset)
                            ? (read32(offset & ~3L) >>> (8 * ((int) offset & 3)))
                                    & (width == 1 ? 0xffL : 0xffffL)
                            : 0;
            default -> 0;
        };
    }

    @Override
    public void write(long offset, int width, long value, int requester) {
        if (outside(offset, width)) {
            return;
        }
        switch (width) {
            case 8 -> {
                if (wideAt(offset)) {
                    write32(offset, (int) value, requester);
                    write32(offset + 4, (int) (value >>> 32), requester);
                }
            }
            case 4 -> write32(offset, (int) value, requester);
            case 1, 2 -> {
                for (int i = 0; i < width && bytesAt(offset); i++) {
                    write8(offset + i, (int) (value >>> (8 * i)) & 0xff);
                }
            }
            default -> {}
        }
    }

    private boolean outside(long offset, int width) {
        return offset < 0 || offset + width > size() || (offset & (width - 1)) != 0;
    }
}
