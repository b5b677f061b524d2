package dev.belfry.qemu.script;

import static dev.belfry.model.bits.Field.bits;

import dev.belfry.model.bits.Bits;
import dev.belfry.model.bits.Field;
import dev.belfry.model.journey.Bytes;

/// The Command queue as a driver fills it: entries, PROD with wrap, and now and then a command that
/// is none.
final class DraftCommands {

    private static final Field NUM = bits(16, 12);
    private static final Field SCALE = bits(24, 20);
    private static final Field TTL = bits(9, 8);
    private static final Field TG = bits(11, 10);
    private static final int ENTRY = 16;
    private static final int PROD = 0x98;
    private static final int CONS = 0x9c;
    private static final int GERROR = 0x60;
    private static final int GERRORN = 0x64;

    private final Draft draft;
    private final int log2;
    private int prod;
    private int unsent;
    private boolean stuck;
    private int acknowledged;

    DraftCommands(Draft draft) {
        this.draft = draft;
        log2 = 2 + draft.random.nextInt(4);
    }

    void registers() {
        long misaligned = draft.one(48) ? 1L << (5 + draft.random.nextInt(4)) : 0;
        long base = draft.one(64) ? Draft.NOTHING : draft.commandQueue | misaligned;
        draft.register(0x90, 8, base | log2);
    }

    private void put(long w0, long w1) {
        if (unsent == 1 << log2) {
            send();
        }
        long at = draft.commandQueue + ENTRY * (prod & Bits.lowMask(log2));
        draft.add(new Step.WriteMemory(at, Bytes.ofWords(w0, w1)));
        prod++;
        unsent++;
    }

    /// Tells the SMMU.
    void send() {
        if (unsent == 0 || stuck) {
            return;
        }
        draft.register(PROD, 4, prod & Bits.lowMask(log2 + 1));
        unsent = 0;
        look();
    }

    /// How far the SMMU has come.
    void look() {
        draft.look(CONS, 4);
        draft.look(GERROR, 4);
    }

    /// Errors are acknowledged: those that may be there, or any.
    void acknowledge() {
        acknowledged ^= draft.one(2) ? draft.pick(1, 4, 5) : draft.random.nextInt(512);
        draft.register(GERRORN, 4, acknowledged);
        look();
    }

    private boolean usable() {
        return !stuck;
    }

    void sync() {
        if (usable()) {
            put(0x46 | (long) draft.random.nextInt(3) << 12, 0);
            send();
        }
    }

    /// Everything that may be cached of a changed translation.
    void forget(DraftContext context, DraftContext.Mapping mapping, int vmid) {
        if (!usable()) {
            return;
        }
        long tag = (long) vmid << 32;
        // Another ASID's is enough where the mapping is global.
        long asid = (long) (draft.one(4) ? 3 : context.asid()) << 48 | tag;
        long address = Bits.alignDown(mapping.iova(), 12);
        switch (draft.random.nextInt(7)) {
            case 0 -> put(0x30, 0);
            case 1 -> put(0x10 | tag, 0);
            case 2 -> put(0x11 | asid, 0);
            case 3 -> put(0x12 | asid, address | draft.random.nextInt(2));
            case 4 -> put(0x13 | tag, address | draft.random.nextInt(2));
            case 5 -> range(0x12 | asid, context.granule(), mapping.iova());
            default -> range(0x13 | tag, context.granule(), mapping.iova());
        }
    }

    /// Everything, or not quite, that may be cached of a changed stage 2 translation.
    void forget(DraftStage2 machine, long ipa) {
        if (!usable()) {
            return;
        }
        long tag = (long) machine.vmid() << 32;
        long address = Bits.alignDown(ipa, 12);
        switch (draft.random.nextInt(6)) {
            case 0 -> put(0x30, 0);
            case 1 -> put(0x28 | tag, 0);
            case 2 -> {
                range(0x2a | tag, machine.granule(), ipa);
                put(0x10 | tag, 0);
            }
            case 3 -> range(0x2a | tag, machine.granule(), ipa);
            case 4 -> {
                put(0x2a | tag, address | draft.random.nextInt(2));
                put(0x10 | tag, 0);
            }
            default -> put(0x2a | tag, address | draft.random.nextInt(2));
        }
    }

    /// The range form, a few pages from an address on; now and then with a level hint.
    private void range(long w0, int granule, long from) {
        int tg = (granule - 10) / 2;
        long address = Bits.alignDown(from, granule);
        int ttl = draft.one(3) ? draft.pick(2, 3, 3) : 0;
        long num = 1L + draft.random.nextInt(31);
        long scale = draft.random.nextInt(5);
        put(w0 | NUM.of(num) | SCALE.of(scale), address | TG.of(tg) | TTL.of(ttl));
    }

    /// Everything that may be cached of a changed configuration, and of what it translated.
    void forget(int streamId) {
        if (!usable()) {
            return;
        }
        long sid = (long) streamId << 32;
        switch (draft.random.nextInt(5)) {
            case 0 -> put(0x03 | sid, draft.random.nextInt(2));
            case 1 -> put(0x04, 31);
            case 2 -> put(0x04 | sid, 3 + draft.random.nextInt(4));
            case 3 -> put(0x05 | sid, draft.random.nextInt(2));
            default -> put(0x06 | sid, 0);
        }
        if (draft.one(2)) {
            put(0x30, 0);
        }
    }

    /// A command that may be none. When it stops the queue it may be mended.
    void anything() {
        if (!usable()) {
            return;
        }
        send();
        long at = draft.commandQueue + ENTRY * (prod & Bits.lowMask(log2));
        int opcode =
                draft.one(2)
                        ? draft.random.nextInt(256)
                        : draft.pick(1, 2, 7, 0x18, 0x20, 0x22, 0x28, 0x2a, 0x40, 0x41, 0x44, 0x46);
        long w0 = opcode | (draft.random.nextLong() & ~0xffL & ~(draft.one(2) ? 0x400L : 0));
        put(w0, draft.random.nextLong());
        send();
        if (draft.one(2)) {
            draft.add(new Step.WriteMemory(at, Bytes.ofWords(0x46, 0)));
            acknowledged ^= 1;
            draft.register(GERRORN, 4, acknowledged);
            look();
        }
        // Whether it goes on depends on the command; a driver would know.
        stuck = true;
    }
}
