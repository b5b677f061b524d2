package dev.belfry.qemu.script;

import static dev.belfry.model.bits.Field.bit;
import static dev.belfry.model.bits.Field.bits;

import dev.belfry.model.bits.Bits;
import dev.belfry.model.bits.Field;
import dev.belfry.model.journey.Bytes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;

/// Scripts from seeds: a stage 1 set-up as a driver would make it, in one of its many shapes, with
/// some bits of it broken; DMA to what is mapped, beside it and beyond; commands; and at the end a
/// look at everything that software can see. One seed, one script.
public final class RandomScripts {

    private static final Field STE_CONFIG = bits(3, 1);
    private static final Field CD_T0SZ = bits(5, 0);
    private static final Field CD_TG0 = bits(7, 6);
    private static final Field CD_EPD1 = bit(30);
    private static final Field CD_V = bit(31);
    private static final Field CD_IPS = bits(34, 32);
    private static final Field CD_AA64 = bit(41);
    private static final Field CD_FLAGS = bits(47, 45);
    private static final Field CD_ASID = bits(63, 48);

    private static final int PAGES = 4;
    private static final int EVENTS = 16;
    private static final int OBSERVED = 8192;

    /// QEMU shows its SMMU 48 bits of address; what is beyond never reaches it.
    private static final int BUS_BITS = 48;

    /// Bits of an address whose change stays in RAM, or leads to where nothing is on any machine.
    private static final long HARMLESS = Bits.lowMask(21) | ~Bits.lowMask(40);

    private final SplittableRandom random;
    private final ScriptTarget target;
    private final Map<Long, Long> memory = new TreeMap<>();
    private final List<Long> addresses = new ArrayList<>();
    private final List<Step> steps = new ArrayList<>();
    private int commands;

    private final long commandQueue;
    private final long eventQueue;
    private final long streamTable;
    private final long contexts;
    private final long tables;
    private final long data;

    private RandomScripts(long seed, ScriptTarget target) {
        this.random = new SplittableRandom(seed);
        this.target = target;
        long ram = target.ramBase();
        commandQueue = ram + 0x10000;
        eventQueue = ram + 0x12000;
        streamTable = ram + 0x20000;
        contexts = ram + 0x30000;
        tables = ram + 0x100000;
        data = ram + 0x300000;
    }

    /// The script of `seed`.
    ///
    /// @param target has at least 4 MiB of RAM less a page, and two devices
    public static SmmuScript script(long seed, ScriptTarget target) {
        return new RandomScripts(seed, target).build(seed);
    }

    private SmmuScript build(long seed) {
        structures();
        breakSomething();
        memory.forEach((a, w) -> steps.add(new Step.WriteMemory(a, Bytes.ofWords(w))));
        registers();
        int rounds = 1 + random.nextInt(3);
        for (int i = 0; i < rounds; i++) {
            dma();
            if (random.nextInt(3) == 0) {
                changeAndInvalidate();
            }
        }
        observe();
        return new SmmuScript("seed " + seed, steps);
    }

    private void structures() {
        int granule = new int[] {12, 14, 16}[random.nextInt(3)];
        int t0sz = 16 + random.nextInt(24);
        ScriptTables tree = new ScriptTables(granule, 64 - t0sz, tables);
        for (int i = 0; i < PAGES; i++) {
            int level = random.nextInt(6) == 0 ? 2 : 3;
            level = tree.canMap(level) ? level : 3;
            long iova = random.nextLong() & Bits.lowMask(64 - t0sz) & ~Bits.lowMask(granule);
            long page = Bits.alignDown(data + i * 0x10000L, tree.leafBits(level));
            tree.map(iova, level, page | leafAttributes());
            long within = data + i * 0x10000L - page;
            addresses.add(Bits.alignDown(iova, tree.leafBits(level)) | within);
        }
        memory.putAll(tree.words());
        int tg0 = granule == 12 ? 0 : granule == 16 ? 1 : 2;
        long cd = CD_T0SZ.of(t0sz) | CD_TG0.of(tg0) | CD_EPD1.mask() | CD_V.mask();
        cd |= CD_IPS.of(4) | CD_AA64.mask() | CD_FLAGS.of(7) | CD_ASID.of(random.nextInt(4));
        memory.put(contexts, cd);
        memory.put(contexts + 8, tree.root());
        memory.put(contexts + 24, random.nextLong());
        for (int device = 0; device < target.devices(); device++) {
            long ste = streamTable + 64L * target.streamId(device);
            boolean bypass = device > 0 && random.nextInt(4) == 0;
            memory.put(ste, 1 | (bypass ? STE_CONFIG.of(4) : STE_CONFIG.of(5) | contexts));
            memory.put(ste + 8, bypass ? 1L << 44 : 0xd6);
        }
    }

    private long leafAttributes() {
        long attributes = 1L << 10 | 3L << 8 | (long) random.nextInt(8) << 2;
        attributes |= 1L << 6 | (random.nextInt(4) == 0 ? 1L << 7 : 0);
        return attributes | (random.nextBoolean() ? 1L << 11 : 0) | (long) random.nextInt(4) << 53;
    }

    /// None to three bits anywhere in what was built.
    private void breakSomething() {
        List<Long> at = new ArrayList<>(memory.keySet());
        for (int n = random.nextInt(4); n > 0; n--) {
            long address = at.get(random.nextInt(at.size()));
            long word = memory.getOrDefault(address, 0L);
            long bit = 1L << random.nextInt(64);
            memory.put(address, word ^ (bit & HARMLESS));
        }
    }

    private void registers() {
        write(0x28, 4, 0xd75);
        write(0x2c, 4, random.nextInt(8));
        write(0x90, 8, commandQueue | 6);
        write(0xa0, 8, eventQueue | (random.nextInt(8) == 0 ? 1 : 6));
        write(0x80, 8, streamTable);
        write(0x88, 4, random.nextInt(8) == 0 ? 4 : 8);
        write(0x50, 4, random.nextInt(8));
        write(0x20, 4, random.nextInt(16) == 0 ? random.nextInt(16) : 0xd);
    }

    private void dma() {
        for (int n = 1 + random.nextInt(3); n > 0; n--) {
            long address = addresses.get(random.nextInt(addresses.size()));
            address += 4L * random.nextInt(1024);
            if (random.nextInt(4) == 0) {
                address ^= 1L << random.nextInt(BUS_BITS);
            }
            int device = random.nextInt(8) == 0 ? 1 : 0;
            // Wider ones are cut up by some targets, and fault more than once.
            address &= ~3L;
            int at = 4 * random.nextInt(1000);
            steps.add(
                    random.nextInt(4) == 0
                            ? new Step.DmaRead(device, address, 4, at)
                            : new Step.DmaWrite(device, address, 4, at));
        }
    }

    /// A descriptor goes or comes back, followed by an invalidation of everything.
    private void changeAndInvalidate() {
        List<Long> at = memory.keySet().stream().filter(a -> a >= tables).toList();
        if (!at.isEmpty()) {
            long address = at.get(random.nextInt(at.size()));
            long word = memory.getOrDefault(address, 0L) ^ 1;
            memory.put(address, word);
            steps.add(new Step.WriteMemory(address, Bytes.ofWords(word)));
        }
        command(0x04, 31);
        command(0x30, 0);
        command(0x46, 0);
        if (random.nextInt(8) == 0) {
            command(random.nextInt(256), random.nextLong());
        }
        write(0x98, 4, commands);
    }

    private void command(long w0, long w1) {
        long at = commandQueue + 16L * commands++;
        steps.add(new Step.WriteMemory(at, Bytes.ofWords(w0, w1)));
    }

    private void write(int offset, int width, long value) {
        steps.add(new Step.WriteRegister(offset, width, value));
    }

    private void observe() {
        for (int offset : new int[] {0x20, 0x24, 0x60, 0x64, 0x98, 0x9c, 0x100a8, 0x100ac}) {
            steps.add(new Step.ReadRegister(offset, 4));
        }
        steps.add(new Step.ReadMemory(eventQueue, 32 * EVENTS));
        for (int i = 0; i < PAGES; i++) {
            steps.add(new Step.ReadMemory(data + i * 0x10000L, OBSERVED));
        }
    }
}
