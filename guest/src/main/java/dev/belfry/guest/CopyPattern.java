package dev.belfry.guest;

import dev.belfry.model.pci.spec.Bdf;

/// What a device copies: bytes that differ from device to device and from page to page.
final class CopyPattern {

    private static final int BYTES = 4096;

    private CopyPattern() {}

    static byte[] of(long seed, Bdf bdf) {
        byte[] bytes = new byte[BYTES];
        long state = seed ^ ((long) bdf.segment() << 16 | bdf.routingId());
        for (int i = 0; i < bytes.length; i++) {
            state = state * 6364136223846793005L + 1442695040888963407L;
            bytes[i] = (byte) (state >>> 56);
        }
        return bytes;
    }
}
