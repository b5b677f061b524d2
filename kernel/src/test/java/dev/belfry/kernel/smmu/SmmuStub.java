package dev.belfry.kernel.smmu;

import dev.belfry.kernel.RegisterStub;
import dev.belfry.kernel.TestMachine;

/// As much of an SMMU as its driver waits for: acknowledgements, and commands that are consumed.
/// The identity is the one of the captured guests.
final class SmmuStub extends RegisterStub {

    static final long BASE = 0x905_0000;
    static final String NAME = "smmu";

    private static final int ILLEGAL = 0xbad;

    private final TestMachine machine;
    private boolean stuck;

    SmmuStub(TestMachine machine) {
        super(0x20000);
        this.machine = machine;
        set(0x00, 0x0d40_101a);
        set(0x04, 0x0273_0010);
        set(0x0c, 0x1404);
        set(0x14, 0x74);
        machine.add(NAME, BASE, this);
    }

    /// Commands are no longer consumed.
    void stop() {
        stuck = true;
    }

    @Override
    public void write(long offset, int width, long value, int requester) {
        set(offset, value);
        switch ((int) offset) {
            case 0x20 -> set(0x24, value);
            case 0x50 -> set(0x54, value);
            case 0x98, 0x64 -> consume();
            default -> {}
        }
    }

    /// An opcode of 0xad is illegal here, as it is in the architecture.
    private void consume() {
        boolean pending = get(0x60) != get(0x64);
        while (!stuck && !pending && (get(0x9c) & 0xff_ffff) != get(0x98)) {
            long cons = get(0x9c) & 0xff_ffff;
            long base = get(0x90) & 0xf_ffff_ffff_ffe0L;
            long slot = base + (cons & 0xffff) * 16;
            if ((machine.read(slot, 8) & 0xff) == (ILLEGAL & 0xff)) {
                set(0x9c, cons | 1 << 24);
                set(0x60, get(0x60) ^ 1);
                return;
            }
            set(0x9c, (cons + 1) & 0x1ffff);
        }
    }
}
