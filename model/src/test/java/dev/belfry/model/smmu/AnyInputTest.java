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
import dev.belfry.model.smmu.spec.Ste;
import java.util.List;
import java.util.SplittableRandom;
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

    private static void access(Smmu smmu, SplittableRandom random, Counting memory) {
        int before = memory.reads;
        int ssid = random.nextInt(3) == 0 ? random.nextInt(1 << 20) : -1;
        long address = random.nextBoolean() ? random.nextLong() : BASE + random.nextInt(SIZE);
        Access access = ACCESSES.get(random.nextInt(ACCESSES.size()));
        smmu.translate(random.nextInt(64), ssid, address, access);
        assertThat(memory.reads - before).isLessThan(400);
        int written = memory.writes;
        smmu.inspect(random.nextInt(64), ssid, address, access, Probe.NONE);
        assertThat(memory.writes).isEqualTo(written);
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
        smmu.write(0x20, 4, 0xd, -1);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void aMillionRandomStructuresAndRegisterSequencesDoNoHarm(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        int structures = 0;
        int registers = 0;
        // Six seeds, so that structures and register accesses are a million together.
        for (int machine = 0; structures + registers < 1_000_000 / 6 + 1; machine++) {
            assertThat(machine).isLessThan(1000);
            Counting memory = new Counting();
            SmmuIdentity id = IDENTITIES[random.nextInt(IDENTITIES.length)];
            Smmu smmu =
                    new Smmu(Rig.setup(id, caches(random.nextInt()), memory, SmmuInterrupts.NONE));
            smmu.onStallEnd((stag, result) -> assertThat(stag).isNotNegative());
            for (int step = 0; step < 1000; step++) {
                switch (random.nextInt(8)) {
                    case 0 -> {
                        registers++;
                        register(smmu, random);
                    }
                    case 1 -> {
                        registers++;
                        if (random.nextInt(4) == 0) {
                            lively(smmu, random);
                        }
                        smmu.write(0x98, 4, random.nextInt(32), -1);
                    }
                    case 2, 3, 4, 5 -> {
                        structures++;
                        // The first pages are the Stream table: aim there.
                        int range = random.nextInt(4) == 0 ? 4096 : SIZE;
                        memory.ram.write(BASE + (random.nextInt(range) & -8), 8, word(random), -1);
                    }
                    default -> access(smmu, random, memory);
                }
            }
            assertThat(smmu.findings().size()).isLessThanOrEqualTo(1000);
        }
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
