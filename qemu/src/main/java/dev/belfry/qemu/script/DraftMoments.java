package dev.belfry.qemu.script;

/// What happens to an SMMU that runs: parts of it are switched off and on again, GBPA changes,
/// errors are acknowledged that may not be there, registers are read and written at any width.
final class DraftMoments {

    private static final int CR0 = 0x20;
    private static final int GBPA = 0x44;
    private static final int SMMUEN = 1;
    private static final int EVENTQEN = 1 << 2;
    private static final int CMDQEN = 1 << 3;
    private static final long UPDATE = 1L << 31;
    private static final long ABORT = 1 << 20;

    /// Registers that nothing guards: read-only ones, and IRQ_CTRL. Those of MSIs, which are not
    /// there, QEMU keeps beyond a reset, and with it beyond the script.
    private static final int[] FREE = {0x00, 0x04, 0x14, 0x1c, 0x24, 0x40, 0x48, 0x50, 0x54};

    private static final int LAST = 0x120;
    private static final int PAGE_1 = 0x10000;

    private final Draft draft;
    private final DraftCommands commands;
    private int enables;

    DraftMoments(Draft draft, DraftCommands commands) {
        this.draft = draft;
        this.commands = commands;
    }

    /// CR0 for the first time.
    void enable(int bits) {
        enables = bits;
        draft.register(CR0, 4, bits);
    }

    private void without(int bit, Runnable meanwhile) {
        draft.register(CR0, 4, enables & ~bit);
        if (draft.one(4)) {
            draft.look(CR0 + 4, 4);
        }
        meanwhile.run();
        draft.register(CR0, 4, enables);
    }

    /// Commands that are queued while CMDQEN = 0, and taken when it is 1 again.
    void withoutCommands(Runnable queueing) {
        without(CMDQEN, queueing);
        commands.look();
    }

    /// Faults that happen while EVENTQEN = 0.
    void withoutEvents(Runnable faulting) {
        without(EVENTQEN, faulting);
    }

    /// DMA while SMMUEN = 0 and GBPA aborts it, or lets it by.
    void withoutTranslation(Runnable dma) {
        if ((enables & SMMUEN) != 0) {
            draft.register(GBPA, 4, UPDATE | (draft.one(2) ? ABORT : 0));
            without(SMMUEN, dma);
        }
    }

    /// GBPA is written, with Update or without. It counts only where SMMUEN = 0.
    void bypassAttributes() {
        if ((enables & SMMUEN) != 0) {
            long any = draft.random.nextLong() & 0xffff_ffffL;
            draft.register(GBPA, 4, draft.one(2) ? any | UPDATE : any & ~UPDATE);
            draft.look(GBPA, 4);
        }
    }

    /// Registers are looked at.
    void looks() {
        for (int n = 1 + draft.random.nextInt(4); n > 0; n--) {
            int width = draft.pick(4, 4, 8);
            int page = draft.one(4) ? PAGE_1 : 0;
            draft.look(page + (draft.random.nextInt(LAST) & -width), width);
        }
    }

    /// A register that is free to be written, or is not to be.
    void writeFree() {
        int offset = FREE[draft.random.nextInt(FREE.length)];
        // Beside STATUSR lies GBPA.
        boolean wide = (offset & 7) == 0 && offset + 4 != GBPA && draft.one(4);
        draft.add(
                new Step.WriteRegister(
                        offset,
                        wide ? 8 : 4,
                        wide ? draft.random.nextLong() : draft.random.nextLong() & 0xffff_ffffL));
        draft.look(offset, 4);
    }
}
