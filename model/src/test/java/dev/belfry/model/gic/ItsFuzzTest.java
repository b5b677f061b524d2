package dev.belfry.model.gic;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.model.gic.spec.Gits;
import dev.belfry.model.journey.JourneyRecorder;
import dev.belfry.model.journey.Where;
import dev.belfry.model.memory.AddressMap;
import dev.belfry.model.memory.PhysicalMemory;
import dev.belfry.model.memory.SparseRam;
import java.time.Duration;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// Whatever software writes, nothing throws, hangs, or touches memory that is not there.
class ItsFuzzTest {

    static Stream<Arguments> seeds() {
        return ItsScenarioTest.presets()
                .flatMap(p -> Stream.of(1L, 2L, 3L, 4L).map(seed -> Arguments.of(p, seed)));
    }

    private static long command(Random random, int word, int op) {
        long r = random.nextLong();
        return switch (word) {
            case 0 -> (long) random.nextInt(8) << 32 | op;
            case 1 ->
                    op == 8
                            ? random.nextInt(20)
                            : (8192L + random.nextInt(40)) << 32 | random.nextInt(24);
            case 2 ->
                    op == 8
                            ? 1L << 63
                                    | Rig.itt(random.nextInt(8))
                                    | (random.nextInt(32) == 0 ? r & 0x30_0000_0000L : 0)
                            : (r & 1L << 63) | (long) random.nextInt(5) << 16 | random.nextInt(5);
            default -> random.nextInt(5) << 16;
        };
    }

    @ParameterizedTest
    @MethodSource("seeds")
    @Timeout(60)
    void randomCommandsMessagesAndRegisterWritesDoNoHarm(ItsIdentity identity, long seed) {
        Random random = new Random(seed);
        JourneyRecorder recorder = new JourneyRecorder();
        Rig rig = new Rig(identity, Rig.gicFor(identity), 4, recorder.at(Where.GUEST));
        int delivered = 0;
        for (int i = 0; i < 8192; i++) {
            rig.configure(8192 + i, random.nextBoolean(), random.nextInt(64) << 2);
        }
        for (int round = 0; round < 400; round++) {
            int writer = 0;
            for (int n = random.nextInt(40); n > 0; n--, writer += 32) {
                int op = random.nextInt(10) == 0 ? random.nextInt(256) : random.nextInt(16);
                for (int w = 0; w < 4; w++) {
                    rig.ram.write(Rig.QUEUE + writer + 8L * w, 8, command(random, w, op));
                }
            }
            rig.register(
                    Gits.GITS_CWRITER.offset(),
                    random.nextInt(20) == 0 ? random.nextLong() : writer);
            if (random.nextInt(8) == 0) {
                randomWrite(rig, random);
            }
            recorder.start();
            for (int m = 0; m < 20; m++) {
                MsiResult result = rig.its.translate(random.nextInt(8), random.nextInt(24));
                delivered += result instanceof MsiResult.Delivered ? 1 : 0;
            }
            recorder.stop();
            for (int cpu = 0; cpu < 4; cpu++) {
                int intid = rig.take(cpu);
                assertThat(intid == 1023 || (intid >= 8192 && intid < 1 << 16)).isTrue();
            }
            if (round % 5 == 4) {
                rig.its.write(0, 4, 0, -1);
                rig.enableIts();
            }
        }
        // The stream is not so wild that nothing works.
        assertThat(delivered).isPositive();
    }

    private static void randomWrite(Rig rig, Random random) {
        int width = 1 << random.nextInt(4);
        switch (random.nextInt(4)) {
            case 0 -> rig.its.write(random.nextInt(0x20) * 8L, width, random.nextLong(), -1);
            case 1 -> rig.ram.write(Rig.DEVICES + random.nextInt(8) * 8L, 8, random.nextLong());
            case 2 ->
                    rig.ram.write(
                            Rig.itt(random.nextInt(8)) + random.nextInt(64), 8, random.nextLong());
            default ->
                    rig.ram.write(Rig.COLLECTIONS + random.nextInt(8) * 8L, 8, random.nextLong());
        }
    }

    @ParameterizedTest
    @MethodSource("seeds")
    @Timeout(60)
    void anyAccessToAnyFrameIsAnswered(ItsIdentity identity, long seed) {
        Random random = new Random(seed);
        Rig rig = Rig.of(identity);
        for (int i = 0; i < 20000; i++) {
            long offset = random.nextInt(0x4_0000);
            int width = 1 << random.nextInt(4);
            var device =
                    switch (random.nextInt(3)) {
                        case 0 -> rig.gic.distributor();
                        case 1 -> rig.gic.redistributors();
                        default -> rig.its;
                    };
            device.write(offset, width, random.nextLong(), random.nextInt(9) - 1);
            assertThat(width == 8 ? 0 : device.read(offset, width) >>> (8 * width)).isZero();
            rig.take(i & 1);
        }
    }

    /// An ITS whose tables and queue lie over its own registers, its doorbell and the
    /// Redistributors.
    @Test
    void anItsPointedAtItselfComesToAnEnd() {
        org.junit.jupiter.api.Assertions.assertTimeoutPreemptively(
                Duration.ofSeconds(30), ItsFuzzTest::pointAtItself);
    }

    private static void pointAtItself() {
        AddressMap map = new AddressMap();
        SparseRam ram = new SparseRam(Rig.RAM, Rig.RAM_SIZE);
        map.addMemory("ram", Rig.RAM, Rig.RAM_SIZE, ram);
        GicV3 gic = new GicV3(new GicV3.Setup(GicIdentity.QEMU_TCG, map, 2, 32));
        Its its =
                new Its(
                        new Its.Setup(
                                "its",
                                0x0808_0000,
                                ItsIdentity.QEMU_TCG,
                                gic,
                                0,
                                map,
                                dev.belfry.model.journey.Probe.NONE));
        map.addDevice("its", 0x0808_0000, its);
        map.addDevice("gicr", 0x080a_0000, gic.redistributors());
        its.write(Gits.GITS_BASER.at(0), 8, 1L << 63 | 0x0808_0000, PhysicalMemory.CPU);
        its.write(Gits.GITS_BASER.at(1), 8, 1L << 63 | 0x0809_0000, PhysicalMemory.CPU);
        its.write(Gits.GITS_CBASER.offset(), 8, 1L << 63 | Rig.RAM, PhysicalMemory.CPU);
        Random random = new Random(5);
        for (int i = 0; i < 128; i++) {
            for (int w = 0; w < 4; w++) {
                long word = command(random, w, random.nextInt(16));
                ram.write(
                        Rig.RAM + 32L * i + 8L * w,
                        8,
                        w == 2 ? (word & ~0xffff_ff00L) | 0x0808_0000 : word);
            }
        }
        its.write(0, 4, 1, PhysicalMemory.CPU);
        its.write(Gits.GITS_CWRITER.offset(), 8, 127 * 32, PhysicalMemory.CPU);
        assertThat(its.read(Gits.GITS_CREADR.offset(), 4) & ~1L).isLessThanOrEqualTo(127 * 32);
    }
}
