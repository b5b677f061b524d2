package dev.belfry.model.smmu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.model.smmu.spec.Cd;
import dev.belfry.model.smmu.spec.Command;
import dev.belfry.model.smmu.spec.SmmuRegister;
import dev.belfry.model.smmu.spec.Ste;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Random Translation Requests and CMD_ATC_INV, held against a plain list of what endpoints may
/// have cached: what a command names is gone from it, and nothing else is (IHI 0070 3.9.1, 4.5.1).
///
/// Commands are written as raw words; each page's output tells which generation of the tables it
/// was read from.
class AtcInvalidationTest {

    private static final int[] SIDS = {1, 2, 0x22};

    /// PASIDs, and -1 for requests without one.
    private static final int[] PASIDS = {-1, 0, 1, 5};

    /// Pages, and with the last one a block of 2 MiB.
    private static final long[] INPUTS = {
        0x1000,
        0x2000,
        0x3000,
        0x8000,
        0x1_0000,
        0x10_0000,
        0x7fff_f000L,
        0x8000_0000L,
        0x4000_0000L
    };

    /// What an endpoint was told, and keeps.
    private record Cached(int sid, int pasid, long start, int bits, long output) {}

    /// Endpoints that drop what an Invalidation Request names: entries with its PASID, those of all
    /// PASIDs with Global Invalidate, and without a PASID those that were made without.
    private final class Devices implements AtsPort.Endpoints {
        @Override
        public boolean invalidate(int sid, int ssid, boolean global, long address, int log2Size) {
            long last = log2Size == 64 ? -1L : address + (1L << log2Size) - 1;
            held.removeIf(c ->
                    c.sid() == sid
                            && (ssid < 0
                                    ? c.pasid() < 0
                                    : c.pasid() == ssid || (global && c.pasid() >= 0))
                            && Long.compareUnsigned(c.start(), last) <= 0
                            && Long.compareUnsigned(c.start() + (1L << c.bits()) - 1, address)
                                    >= 0);
            return true;
        }
    }

    private final List<Cached> held = new ArrayList<>();
    private final List<Cached> expected = new ArrayList<>();
    private Rig rig = new Rig(SmmuIdentity.MAX);
    private int generation;

    private void start(CacheMode mode) {
        rig = new Rig(SmmuIdentity.MAX, mode).start();
        rig.write(SmmuRegister.CR0, 0x1d);
        rig.smmu.ats().connect(new Devices());
        for (int sid : SIDS) {
            long cds = rig.allocate(8 * 64);
            for (int i = 0; i < 8; i++) {
                long ttb = rig.allocate(4096);
                rig.words(
                        cds + 64L * i,
                        Rig.cd(ttb).with(0, Cd.IPS, 5).with(0, Cd.ASID, 8L * sid + i).words());
            }
            rig.ste(
                    sid,
                    Ste.ZERO
                            .withWord(0, Ste.V.of(1) | Ste.CONFIG.of(5) | cds)
                            .with(0, Ste.S1CDMAX, 3)
                            .with(1, Ste.S1DSS, 2)
                            .with(1, Ste.EATS, 1));
        }
        change();
    }

    /// Which CD a request goes by: with S1DSS = 0b10 number 0 without a PASID, and PASID 0 is none.
    private static int context(int pasid) {
        return Math.max(0, pasid);
    }

    private long output(int sid, int pasid, long input) {
        return (long) generation << 42 | (long) (sid * 8 + context(pasid)) << 32 | input;
    }

    private void change() {
        generation++;
        for (int sid : SIDS) {
            long cds = rig.ste(sid).s1ContextPtr();
            for (int i : new int[] {0, 1, 5}) {
                long ttb = rig.ram.read(cds + 64L * i + 8, 8);
                for (long input : INPUTS) {
                    int level = input == 0x4000_0000L ? 2 : 3;
                    rig.map(ttb, 0, input, output(sid, i, input), Rig.LEAF | 0x800, level);
                }
            }
        }
        rig.command(new Command.TlbiNsnhAll());
    }

    /// An endpoint uses what it has cached, and asks where it has nothing.
    private void use(SplittableRandom random) {
        int sid = SIDS[random.nextInt(SIDS.length)];
        int pasid = PASIDS[random.nextInt(PASIDS.length)];
        long input = INPUTS[random.nextInt(INPUTS.length)];
        for (Cached c : held) {
            if (c.sid() == sid && c.pasid() == pasid && c.start() == input) {
                return;
            }
        }
        AtsPort.Response answer =
                rig.smmu.ats().request(new AtsPort.Request(sid, pasid, input, true, false, false));
        if (pasid == 0) {
            // 7.3.7: SubstreamID 0 is not to be used with S1DSS = 0b10.
            assertThat(answer).isInstanceOf(AtsPort.Response.CompleterAbort.class);
            return;
        }
        assertThat(answer)
                .isInstanceOfSatisfying(
                        AtsPort.Response.Granted.class,
                        g -> {
                            assertThat(g.address()).isEqualTo(output(sid, pasid, input));
                            Cached c = new Cached(sid, pasid, input, g.blockBits(), g.address());
                            assertThat(c.bits()).isEqualTo(input == 0x4000_0000L ? 21 : 12);
                            held.add(c);
                            expected.add(c);
                        });
    }

    /// One CMD_ATC_INV, by its bits: opcode 0x40, Global 9, SSV 11, SubstreamID 31:12, StreamID
    /// 63:32; Size 5:0, Address 63:12.
    private void invalidate(SplittableRandom random) {
        long sid = SIDS[random.nextInt(SIDS.length)];
        long ssv = random.nextInt(2);
        long ssid = random.nextInt(7);
        long global = random.nextInt(4) == 0 ? 1 : 0;
        long size = random.nextInt(3) == 0 ? 52 : random.nextInt(24);
        long address =
                (random.nextInt(8) == 0 ? random.nextLong() : random.nextLong(0x9000_0000L))
                        & -4096;
        if (random.nextBoolean()) {
            address = INPUTS[random.nextInt(INPUTS.length)];
        }
        long w0 = 0x40 | global << 9 | ssv << 11 | ssid << 12 | sid << 32;
        long w1 = address | size;
        rig.command(new Command.Unknown(w0, w1), new Command.Sync(0, 0, 0, 0, 0));
        assertThat(rig.read(SmmuRegister.GERROR)).isZero();
        long span = size == 52 ? 0 : 0x1000L << size;
        long from = span == 0 ? 0 : address & -span;
        expected.removeIf(c -> {
            boolean tagged =
                    ssv == 0
                            ? c.pasid() == -1
                            : c.pasid() == ssid || (global == 1 && c.pasid() != -1);
            long size_ = 1L << c.bits();
            boolean within =
                    span == 0
                            || (Long.compareUnsigned(c.start(), from + (span - 1)) <= 0
                                    && Long.compareUnsigned(c.start() + size_ - 1, from) >= 0);
            return c.sid() == sid && tagged && within;
        });
        assertThat(held).as("%x %x", w0, w1).containsExactlyElementsOf(expected);
    }

    @ParameterizedTest
    @CsvSource({"1, true", "2, true", "3, false", "4, false"})
    void endpointsLoseWhatEachCommandNamesAndNothingElse(long seed, boolean adversarial) {
        start(adversarial ? new CacheMode.Adversarial() : new CacheMode.Infinite());
        SplittableRandom random = new SplittableRandom(seed);
        int removed = 0;
        long generations = 0;
        for (int round = 0; round < 20; round++) {
            for (int step = 0; step < 200; step++) {
                if (random.nextInt(4) != 0) {
                    use(random);
                } else {
                    int before = held.size();
                    invalidate(random);
                    removed += before - held.size();
                }
            }
            change();
            generations += held.stream().mapToLong(c -> c.output() >>> 42).distinct().count();
        }
        assertThat(removed).isGreaterThan(1000);
        assertThat(generations).as("generations that the ATCs had together").isGreaterThan(20);
    }

    // 4.5.1: in a system without PASIDs SSV counts as 0, or the command does nothing.
    @Test
    void withoutPasidsThereIsNoPasidOnTheInvalidation() {
        rig = new Rig(SmmuIdentity.MAX.withSsidSize(0)).start();
        List<String> told = new ArrayList<>();
        rig.smmu
                .ats()
                .connect(
                        new AtsPort.Endpoints() {
                            @Override
                            public boolean invalidate(
                                    int sid, int ssid, boolean global, long at, int size) {
                                told.add(sid + " " + ssid + " " + global + " " + at + " " + size);
                                return true;
                            }
                        });
        rig.command(new Command.Unknown(0x40 | 1 << 9 | 1 << 11 | 5 << 12 | 7L << 32, 0x5000));
        assertThat(told).containsExactly("7 -1 false " + 0x5000 + " 12");
        // 4.5.1: it is IGNORED while SMMUEN = 0.
        rig.write(SmmuRegister.CR0, 0xc);
        rig.command(new Command.Unknown(0x40 | 7L << 32, 0x5000));
        assertThat(told).hasSize(1);
    }
}
