package dev.belfry.qemu.script;

import dev.belfry.model.journey.Bytes;

/// What every target takes for a device: a buffer with known contents, copied to and from memory. A
/// read that faults leaves zeros where it would have put data.
public final class ScriptDevice {

    /// Bytes in the buffer. QEMU's `edu` has 4,096 but never lets the last one be used.
    public static final int BUFFER = 4095;

    private static final int PAGE = 4096;

    private ScriptDevice() {}

    /// What is in the buffer of `device` when a script starts; never zero.
    public static Bytes initial(int device) {
        byte[] out = new byte[BUFFER];
        for (int i = 0; i < BUFFER; i++) {
            out[i] = (byte) ((i * 7 + (i >> 8) * 3 + device * 31) % 251 + 1);
        }
        return Bytes.of(out);
    }

    static void check(long address, int length, int at) {
        boolean inBuffer = at >= 0 && length > 0 && at <= BUFFER - length;
        if (!inBuffer || (address & (PAGE - 1)) + length > PAGE) {
            throw new IllegalArgumentException(
                    "DMA of " + length + " bytes at " + address + " and " + at);
        }
    }
}
