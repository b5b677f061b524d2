package dev.belfry.qemu.script;

import dev.belfry.model.bits.Bits;
import dev.belfry.model.journey.Bytes;
import java.util.ArrayList;
import java.util.List;

/// Scripts from seeds: a stage 1 set-up as a driver would make it, in one of its many shapes, with
/// some bits of it broken; DMA of several streams to what is mapped, beside it and beyond; tables
/// that change between, with commands; and looks at everything that software can see. One seed, one
/// script.
public final class RandomScripts {

    private static final int PAGES = 4;
    private static final int EVENTS = 16;
    private static final int OBSERVED = 4096;
    private static final int SWEEP = 1 << 16;
    private static final int SWEEP_EVERY = 64;
    private static final int EVENTQ_PROD = 0x100a8;
    private static final int EVENTQ_CONS = 0x100ac;

    /// Bits of an address whose change stays in RAM, or leads to where nothing is on any machine.
    private static final long HARMLESS = Bits.lowMask(21) | ~Bits.lowMask(40);

    private final Draft draft;
    private final DraftStreams streams;
    private final DraftCommands commands;
    private final DraftMoments moments;
    private final boolean translating;
    private int slot;

    private RandomScripts(long seed, ScriptMachine target) {
        draft = new Draft(seed, target);
        streams = new DraftStreams(draft);
        commands = new DraftCommands(draft);
        moments = new DraftMoments(draft, commands);
        translating = !draft.one(24);
    }

    /// The script of `seed`.
    ///
    /// @param target has at least 4 MiB of RAM less a page, and at least one device
    public static SmmuScript script(long seed, ScriptMachine target) {
        return new RandomScripts(seed, target).build(seed);
    }

    private SmmuScript build(long seed) {
        breakSomething();
        draft.memory.forEach((a, w) -> draft.add(new Step.WriteMemory(a, Bytes.ofWords(w))));
        registers();
        int rounds = 1 + draft.random.nextInt(4);
        for (int i = 0; i < rounds; i++) {
            dma(!translating);
            between();
        }
        observe(seed);
        return new SmmuScript("seed " + seed, draft.steps());
    }

    /// None to three bits anywhere in what was built.
    private void breakSomething() {
        List<Long> meant = streams.configs();
        List<Long> at = new ArrayList<>(draft.memory.keySet());
        for (int n = draft.random.nextInt(4); n > 0; n--) {
            long address = at.get(draft.random.nextInt(at.size()));
            long word = draft.memory.getOrDefault(address, 0L);
            long bit = 1L << draft.random.nextInt(64);
            draft.word(address, word ^ (bit & HARMLESS));
        }
        streams.mendAccidents(meant);
    }

    private void registers() {
        draft.register(0x28, 4, 0xd75);
        draft.register(0x2c, 4, draft.random.nextInt(8));
        commands.registers();
        long misaligned = draft.one(32) ? 1L << (5 + draft.random.nextInt(4)) : 0;
        long events = draft.one(48) ? Draft.NOTHING : draft.eventQueue | misaligned;
        draft.register(0xa0, 8, events | draft.pick(0, 1, 2, 3, 4, 4, 4, 4));
        streams.registers();
        draft.register(0x50, 4, draft.random.nextInt(8));
        if (!translating && draft.one(2)) {
            draft.register(0x44, 4, 1L << 31 | (draft.one(2) ? 1L << 20 : 0));
        }
        int others = draft.one(8) ? draft.random.nextInt(8) << 1 : 0xc;
        moments.enable(others | (translating ? 1 : 0));
    }

    /// @param bypass whether addresses go out as they come in, whatever the STE says
    private void dma(boolean bypass) {
        for (int n = 1 + draft.random.nextInt(4); n > 0; n--) {
            int device = draft.random.nextInt(draft.target.devices());
            boolean plain = bypass || streams.bypasses(device);
            // Wider ones are cut up by some targets, and fault more than once.
            long address = (plain ? plainAddress() : address(device)) & ~3L;
            draft.add(
                    draft.one(4)
                            ? new Step.DmaRead(device, address, 4, 4 * (512 + slot++))
                            : new Step.DmaWrite(device, address, 4, 4 * draft.random.nextInt(512)));
            draft.look(EVENTQ_PROD, 4);
        }
    }

    private long plainAddress() {
        long address = draft.data + draft.random.nextInt(1 << 12);
        return draft.one(4) ? address | 1L << (41 + draft.random.nextInt(7)) : address;
    }

    private long address(int device) {
        long address =
                streams.stage2Only(device)
                        ? streams.machine(device).dataAddress()
                        : streams.context(device).mapping().iova();
        address += draft.random.nextInt(4096);
        if (draft.target.busBits() == 64 && draft.one(3)) {
            // The upper half, its tables the same; now and then with a top byte of its own.
            address |= ~Bits.lowMask(streams.context(device).inputBits());
            address ^= draft.one(3) ? draft.random.nextLong() << 56 : 0;
        }
        int bits = draft.target.busBits();
        return draft.one(4) ? address ^ 1L << draft.random.nextInt(bits) : address;
    }

    private void between() {
        boolean forget = !draft.one(12);
        switch (draft.random.nextInt(10)) {
            case 0, 1 -> changeTable(forget);
            case 2 -> changeStage2(forget);
            case 3 -> {
                streams.anyContext().change();
                forgetStreams(forget);
            }
            case 4 -> {
                int device = draft.random.nextInt(draft.target.devices());
                streams.change(device);
                if (forget) {
                    commands.forget(draft.target.streamId(device));
                    commands.sync();
                }
            }
            case 5 -> commands.anything();
            case 6 -> {
                int seen = draft.random.nextInt(6) | (draft.one(8) ? 1 << 31 : 0);
                draft.register(EVENTQ_CONS, 4, seen & 0xffff_ffffL);
            }
            default -> moment();
        }
    }

    private void moment() {
        switch (draft.random.nextInt(8)) {
            case 0 -> moments.withoutCommands(() -> changeTable(true));
            case 1 -> moments.withoutEvents(() -> dma(!translating));
            case 2 -> moments.withoutTranslation(() -> dma(true));
            case 3 -> moments.bypassAttributes();
            case 4 -> commands.acknowledge();
            case 5 -> moments.looks();
            case 6 -> moments.writeFree();
            default -> {}
        }
    }

    private void forgetStreams(boolean forget) {
        for (int i = 0; forget && i < draft.target.devices(); i++) {
            commands.forget(draft.target.streamId(i));
        }
        commands.sync();
    }

    /// A leaf becomes invalid or valid, read-only or not, or leads to another page.
    private void changeTable(boolean forget) {
        DraftContext context = streams.anyContext();
        DraftContext.Mapping mapping = context.mapping();
        long word = draft.memory.getOrDefault(mapping.at(), 0L);
        draft.change(mapping.at(), word ^ (1L << draft.pick(0, 0, 7, 16, 17)));
        if (forget) {
            commands.forget(context, mapping, streams.vmidOf(context));
        }
        commands.sync();
    }

    /// The same of a stage 2 leaf; of a stage 1 leaf where there is no stage 2.
    private void changeStage2(boolean forget) {
        DraftStage2 machine = streams.anyMachine();
        if (machine == null) {
            changeTable(forget);
            return;
        }
        long ipa = machine.change();
        if (forget) {
            commands.forget(machine, ipa);
        }
        commands.sync();
    }

    private void observe(long seed) {
        for (int offset = 0; offset < 0x20; offset += 4) {
            draft.look(offset, 4);
        }
        for (int offset :
                new int[] {0x40, 0x44, 0x20, 0x24, 0x28, 0x2c, 0x50, 0x54, 0x60, 0x64, 0x88}) {
            draft.look(offset, 4);
        }
        for (int offset : new int[] {0x80, 0x90, 0xa0}) {
            draft.look(offset, 8);
        }
        for (int offset : new int[] {0x98, 0x9c, EVENTQ_PROD, EVENTQ_CONS}) {
            draft.look(offset, 4);
        }
        draft.add(new Step.ReadMemory(draft.eventQueue, 32 * EVENTS));
        for (int i = 0; i < PAGES; i++) {
            draft.add(new Step.ReadMemory(draft.data + i * 0x10000L, OBSERVED));
        }
        // Now and then all of RAM, for a write that went astray.
        long end = draft.target.ramBase() + draft.target.ramSize();
        for (long at = draft.target.ramBase(); seed % SWEEP_EVERY == 0 && at < end; at += SWEEP) {
            draft.add(new Step.ReadMemory(at, (int) Math.min(SWEEP, end - at)));
        }
    }
}
