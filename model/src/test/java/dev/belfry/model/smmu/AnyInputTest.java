package dev.belfry.model.smmu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.model.journey.JourneyRecorder;
import dev.belfry.model.journey.Probe;
import dev.belfry.model.journey.Where;
import dev.belfry.model.memory.PhysicalMemory;
import dev.belfry.model.memory.SparseRam;
import dev.belfry.model.smmu.spec.Cd;
import dev.belfry.model.smmu.spec.Command;
import dev.belfry.model.smmu.spec.EventRecord;
import dev.belfry.model.smmu.spec.EventType;
import dev.belfry.model.smmu.spec.SmmuRegister;
import dev.belfry.model.smmu.spec.Ste;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Whatever lies in memory and whatever is written to registers: no exception, bounded work,
/// nothing written by looking.
class AnyInputTest {

    private static final SmmuIdentity[] IDENTITIES = {
        SmmuIdentity.QEMU_7_2,
        SmmuIdentity.QEMU_10_2_NESTED,
        SmmuIdentity.GRACE,
        SmmuIdentity.KUNPENG920,
        SmmuIdentity.MAX,
        SmmuIdentity.OPPOSITE
    };

    /// Faults that random structures get as far as.
    private static final Set<EventType> REACHED =
            EnumSet.of(
                    EventType.C_BAD_STREAMID,
                    EventType.F_STE_FETCH,
                    EventType.C_BAD_STE,
                    EventType.F_STREAM_DISABLED,
                    EventType.C_BAD_SUBSTREAMID,
                    EventType.F_CD_FETCH,
                    EventType.C_BAD_CD,
                    EventType.F_WALK_EABT,
                    EventType.F_TRANSLATION,
                    EventType.F_ADDR_SIZE,
                    EventType.F_ACCESS,
                    EventType.F_PERMISSION);

    private static final List<Access> ACCESSES = List.of(Access.values());

    private static final long BASE = 0x10000;
    private static final int SIZE = 1 << 16;

    /// RAM that counts.
    private static final class Counting implements PhysicalMemory {
        final SparseRam ram = new SparseRam(BASE, SIZE);
        int reads;
        int writes;

        @Override
        public boolean accepts(long address, long length) {
            return ram.accepts(address, length);
        }

        @Override
        public long read(long address, int width) {
            reads++;
            return ram.read(address, width);
        }

        @Override
        public boolean write(long address, int width, long value, int requester) {
            writes++;
            return ram.write(address, width, value, requester);
        }
    }

    private static long word(SplittableRandom random) {
        long r = random.nextLong();
        return switch (random.nextInt(7)) {
            case 0 -> r;
            case 1 -> r & random.nextLong() & random.nextLong();
            // Something that points into memory and looks like a descriptor.
            case 2 -> BASE | (r & SIZE - 8 & -4096) | 0x443 | (r & 0xfff);
            case 3 -> 1L << random.nextInt(64);
            // The stage 2 word of an STE, near enough to a legal one.
            case 4 ->
                    Ste.S2AA64.mask()
                            | Ste.S2T0SZ.of(16 + random.nextInt(24))
                            | Ste.S2SL0.of(random.nextInt(4))
                            | (r & 0x06e7_0000_0000_ffffL);
            case 5 -> BASE | (r & SIZE - 64) | Ste.V.of(1) | Ste.CONFIG.of(random.nextInt(8));
            default ->
                    Cd.V.mask()
                            | Cd.AA64.mask()
                            | Cd.A.mask()
                            | Cd.T0SZ.of(random.nextInt(64))
                            | (r & 0x7fff_0000_c0c0L);
        };
    }

    private static CacheMode caches(int which) {
        return switch (which & 3) {
            case 0 -> new CacheMode.None();
            case 1 -> new CacheMode.Sized(8);
            case 2 -> new CacheMode.Infinite();
            default -> new CacheMode.Adversarial();
        };
    }

    /// What a run met, so that a test knows how far it got.
    private static final class Seen {
        final EnumSet<EventType> events = EnumSet.noneOf(EventType.class);
        final Map<String, Integer> counts = new TreeMap<>();

        /// Structures, commands and register sequences.
        int inputs;

        void count(String what) {
            counts.merge(what, 1, Integer::sum);
        }

        void input(String what) {
            inputs++;
            count(what);
        }

        int counted(String what) {
            return counts.getOrDefault(what, 0);
        }
    }

    private static void access(
            Smmu smmu, SplittableRandom random, Counting memory, Seen seen, int sid) {
        int before = memory.reads;
        int ssid = random.nextInt(3) == 0 ? random.nextInt(random.nextBoolean() ? 4 : 1 << 20) : -1;
        long address =
                switch (random.nextInt(4)) {
                    case 0 -> random.nextLong();
                    case 1 -> random.nextLong() >> random.nextInt(64);
                    default -> BASE + random.nextInt(SIZE);
                };
        Access access = ACCESSES.get(random.nextInt(ACCESSES.size()));
        boolean mapped = false;
        switch (smmu.translate(sid, ssid, address, access)) {
            case Translation.Mapped m -> {
                mapped = true;
                seen.count("mapped");
            }
            case Translation.Faulted f -> f.event().ifPresent(e -> seen.events.add(e.type()));
            case Translation.Stalled s -> seen.count("stalled");
        }
        assertThat(memory.reads - before).isLessThan(400);
        int written = memory.writes;
        smmu.inspect(random.nextInt(64), ssid, address, access, Probe.NONE);
        assertThat(memory.writes).isEqualTo(written);
        before = memory.reads;
        AtsPort ats = smmu.ats();
        // Where a transaction passes, a Translation Request may be granted.
        switch (mapped ? 0 : random.nextInt(8)) {
            case 0 -> {
                seen.count("ats");
                AtsPort.Request r =
                        new AtsPort.Request(
                                sid,
                                ssid,
                                address,
                                random.nextBoolean(),
                                random.nextBoolean(),
                                random.nextBoolean());
                if (ats.request(r) instanceof AtsPort.Response.Granted) {
                    seen.count("granted");
                }
            }
            case 1 -> {
                seen.count("translated");
                ats.translated(sid, address, access.isWrite());
            }
            case 2 -> {
                seen.count("pri");
                if (ats.pageRequest(sid, ssid, address, random.nextInt(16), true, 5)) {
                    seen.count("queued");
                }
            }
            default -> {}
        }
        assertThat(memory.reads - before).isLessThan(400);
    }

    /// Writes a structure, mostly a plausible one; the first pages are the Stream table.
    private static void structure(SplittableRandom random, Counting memory, Seen seen) {
        AnyStructure any = new AnyStructure(random, BASE, SIZE);
        int range = random.nextInt(4) == 0 ? 4096 : SIZE;
        long at = BASE + (random.nextInt(range) & -8);
        switch (random.nextInt(8)) {
            case 0 -> write(memory, BASE + 64L * random.nextInt(64), any.ste(), "ste", seen);
            case 1, 2 -> write(memory, at & -64, any.cd(), "cd", seen);
            case 3 -> write(memory, at & -64, any.l1cd(), "l1cd", seen);
            case 4, 5, 6 -> write(memory, at, any.descriptor(), "descriptor", seen);
            default -> write(memory, at, new long[] {word(random)}, "word", seen);
        }
    }

    /// Structures that lead somewhere: an STE, its CD, tables for all of memory, and leaves; and a
    /// few accesses.
    private static void way(Smmu smmu, SplittableRandom random, Counting memory, Seen seen) {
        AnyStructure any = new AnyStructure(random, BASE, SIZE);
        int sid = random.nextInt(64);
        long[] pages = new long[4];
        for (int i = 0; i < 4; i++) {
            pages[i] = BASE + ((1 + random.nextInt(SIZE / 4096 - 1)) << 12);
        }
        Ste ste = Ste.ZERO.withWord(0, Ste.V.of(1) | Ste.CONFIG.of(5) | pages[0]);
        long eats = Ste.EATS.of(random.nextInt(2));
        write(memory, BASE + 64L * sid, ste.withWord(1, eats).words(), "ste", seen);
        Cd cd = Rig.cd(pages[1]).with(0, Cd.T0SZ, 25).with(0, Cd.S, random.nextInt(2));
        write(memory, pages[0], cd.words(), "cd", seen);
        write(memory, pages[1], new long[] {pages[2] | 3}, "descriptor", seen);
        write(memory, pages[2], new long[] {pages[3] | 3}, "descriptor", seen);
        for (int i = 0; i < 32; i++) {
            write(memory, pages[3] + 8L * i, any.descriptor(), "descriptor", seen);
        }
        smmu.carryOut(new Command.CfgiSteRange(0, false, 31));
        smmu.carryOut(new Command.TlbiNsnhAll());
        for (int i = 0; i < 4; i++) {
            access(smmu, random, memory, seen, sid);
        }
    }

    private static void write(Counting memory, long at, long[] words, String what, Seen seen) {
        for (int i = 0; i < words.length; i++) {
            memory.ram.write(at + 8L * i, 8, words[i], -1);
        }
        seen.input(what);
    }

    /// Puts a command where the queue is read next, and rings; bounded by the queue's length.
    private static void command(Smmu smmu, SplittableRandom random, Counting memory, Seen seen) {
        Command c = new AnyStructure(random, BASE, SIZE).command();
        long base = smmu.register(SmmuRegister.CMDQ_BASE);
        long prod = smmu.register(SmmuRegister.CMDQ_PROD);
        int log2 = (int) base & 0x1f;
        long at = (base & 0x000f_ffff_ffff_ffe0L) + 16 * (prod & ((1L << log2) - 1));
        write(memory, at, c.encode(), "command", seen);
        if (random.nextInt(8) == 0) {
            // An error is acknowledged, and the queue goes on behind it.
            smmu.write(SmmuRegister.GERRORN.offset(), 4, smmu.register(SmmuRegister.GERROR), -1);
        }
        int before = memory.reads;
        smmu.write(SmmuRegister.CMDQ_PROD.offset(), 4, prod + 1, -1);
        assertThat(memory.reads - before).isLessThan(4000 + (4 << Math.min(log2, 19)));
    }

    private static void register(Smmu smmu, SplittableRandom random) {
        long offset =
                random.nextInt(4) == 0 ? 0x100a8 + 4L * random.nextInt(10) : random.nextInt(0x130);
        int width = random.nextInt(8) == 0 ? random.nextInt(9) : random.nextBoolean() ? 4 : 8;
        long value = random.nextInt(3) == 0 ? random.nextLong() : word(random);
        if (offset == 0x90) {
            value &= ~0x18L;
        }
        smmu.write(random.nextBoolean() ? offset & -width : offset, width, value, -1);
        smmu.read(offset, width);
    }

    /// Tables that are mostly in memory, with an enabled SMMU.
    private static void lively(Smmu smmu, SplittableRandom random) {
        smmu.write(0x20, 4, 0, -1);
        smmu.write(0x80, 8, BASE, -1);
        smmu.write(0x88, 4, random.nextBoolean() ? 6 : 1 << 16 | 6 << 6 | 8, -1);
        smmu.write(0x90, 8, BASE + 0x4000 | 4, -1);
        smmu.write(0xa0, 8, BASE + 0x8000 | 3, -1);
        smmu.write(SmmuRegister.PRIQ_BASE.offset(), 8, (BASE + 0xc000) | 3, -1);
        smmu.write(0x20, 4, 0x1f, -1);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void aMillionRandomStructuresAndRegisterSequencesDoNoHarm(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        Seen seen = new Seen();
        // Six seeds: a million inputs, each a structure, a command or a register sequence.
        for (int machine = 0; seen.inputs < 1_000_000 / 6 + 1; machine++) {
            assertThat(machine).isLessThan(1000);
            Counting memory = new Counting();
            SmmuIdentity id = IDENTITIES[random.nextInt(IDENTITIES.length)];
            Smmu smmu =
                    new Smmu(Rig.setup(id, caches(random.nextInt()), memory, SmmuInterrupts.NONE));
            smmu.onStallEnd((stag, result) -> assertThat(stag).isNotNegative());
            lively(smmu, random);
            for (int step = 0; step < 1200; step++) {
                switch (random.nextInt(13)) {
                    case 0 -> {
                        seen.input("register");
                        register(smmu, random);
                        if (random.nextInt(4) != 0) {
                            lively(smmu, random);
                        }
                    }
                    case 1 -> smmu.write(0x98, 4, random.nextInt(32), -1);
                    case 2, 3 -> command(smmu, random, memory, seen);
                    case 4, 5, 6, 7, 8, 9 -> structure(random, memory, seen);
                    case 10 -> way(smmu, random, memory, seen);
                    default -> access(smmu, random, memory, seen, random.nextInt(64));
                }
            }
            assertThat(smmu.findings().size()).isLessThanOrEqualTo(1000);
        }
        for (String what : List.of("ste", "cd", "l1cd", "descriptor", "command", "register")) {
            assertThat(seen.counted(what)).as(what).isGreaterThan(1000);
        }
        for (String what : List.of("mapped", "ats", "granted", "translated", "pri", "queued")) {
            assertThat(seen.counted(what)).as(what).isGreaterThan(20);
        }
        assertThat(seen.events).containsAll(REACHED);
    }

    @ParameterizedTest
    @ValueSource(longs = {11, 12, 13})
    void decodingIsTotalAndEncodingBringsBackWhatWasUnderstood(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = 0; i < 100_000; i++) {
            Command c = Command.decode(random.nextLong(), random.nextLong());
            assertThat(Command.decode(c.w0(), c.w1())).isEqualTo(c);
            if ((i & 15) == 0) {
                assertThat(c.fields()).isNotNull();
                assertThat(c.specName()).isNotEmpty();
                EventRecord e =
                        EventRecord.decode(
                                random.nextLong(), random.nextLong(), random.nextLong(), 0);
                assertThat(e.fields()).containsKeys("type", "StreamID");
            }
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {21, 22, 23})
    void lookingFindsWhatHappensAndReportsTheSameWhenWatched(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        for (int machine = 0; machine < 300; machine++) {
            Counting memory = new Counting();
            SmmuIdentity id = IDENTITIES[random.nextInt(IDENTITIES.length)];
            Smmu smmu = new Smmu(Rig.setup(id, new CacheMode.None(), memory, SmmuInterrupts.NONE));
            for (int i = 0; i < 2000; i++) {
                memory.ram.write(BASE + (random.nextInt(SIZE) & -8), 8, word(random), -1);
            }
            lively(smmu, random);
            JourneyRecorder recorder = new JourneyRecorder();
            for (int i = 0; i < 20; i++) {
                int sid = random.nextInt(70);
                long address = random.nextBoolean() ? random.nextInt() : random.nextLong();
                Translation quiet = smmu.inspect(sid, -1, address, Access.READ, Probe.NONE);
                recorder.start();
                Translation seen =
                        smmu.inspect(sid, -1, address, Access.READ, recorder.at(Where.GUEST));
                boolean broken = recorder.stop().firstBroken().isPresent();
                assertThat(seen).isEqualTo(quiet);
                assertThat(broken).isEqualTo(!(seen instanceof Translation.Mapped));
                Translation real = smmu.translate(sid, -1, address, Access.READ);
                assertThat(real.getClass() == Translation.Mapped.class).isEqualTo(!broken);
            }
        }
    }
}
