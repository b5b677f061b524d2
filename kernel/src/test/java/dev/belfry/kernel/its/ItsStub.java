package dev.belfry.kernel.its;

import dev.belfry.kernel.RegisterStub;

/// As much of the captured guest's ITS as its driver waits for.
final class ItsStub extends RegisterStub {

    static final long BASE = 0x808_0000;
    static final String NAME = "its";

    private static final long VALID_INDIRECT_CACHE = 0xf8L << 56;
    private static final long ADDRESS_AND_LOW = 0xffff_ffff_ffffL;

    ItsStub() {
        super(0x20000);
        set(0x0, 0x8000_0000L);
        set(0x4, 0x43b);
        set(0x8, 0x1f_0001_efb1L);
        set(0x100, 0x0107_0000_0000_0000L);
        set(0x108, 0x0407_0000_0000_0000L);
        set(0xffe8, 0x3b);
    }

    @Override
    public void write(long offset, int width, long value, int requester) {
        switch ((int) offset) {
            case 0x0 -> set(0x0, (value & 1) | (get(0x0) & 0x8000_0000L));
            case 0x100, 0x108 -> {
                long fixed = get(offset) & 0x071f_0000_0000_0000L;
                set(offset, fixed | (value & (VALID_INDIRECT_CACHE | ADDRESS_AND_LOW)));
            }
            case 0x110, 0x118, 0x120, 0x128, 0x130, 0x138 -> {}
            case 0x88 -> {
                set(0x88, value);
                set(0x90, value);
            }
            default -> set(offset, value);
        }
    }
}
