package dev.belfry.qemu.gic;

import static dev.belfry.qemu.gic.TwoGics.GICD;
import static dev.belfry.qemu.gic.TwoGics.GICR;
import static dev.belfry.qemu.gic.TwoGics.GITS;
import static dev.belfry.qemu.gic.TwoGics.RAM;
import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.model.bits.Hex;
import dev.belfry.qemu.process.RealQemu;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The model's ITS with QEMU's identity beside a real QEMU's: registers as they are probed, and
/// after random commands, broken ones among them, the tables and the pending tables in memory.
class ItsAgainstQemuTest {

    private static final long QUEUE = RAM + 0x10_0000;
    private static final int QUEUE_BYTES = 0x1000;
    private static final long DEVICES = RAM + 0x20_0000;
    private static final long COLLECTIONS = RAM + 0x21_0000;
    private static final long VPES = RAM + 0x22_0000;
    private static final long CONFIG = RAM + 0x30_0000;
    private static final long PENDING = RAM + 0x40_0000;
    private static final long ITTS = RAM + 0x50_0000;
    private static final long VPTS = RAM + 0x60_0000;
    private static final int LPIS = 64;

    @BeforeEach
    void qemu() {
        RealQemu.required();
    }

    private static String same(TwoGics both, String what, long address, int width) {
        long qemu = both.qemu(address, width);
        long model = both.model(address, width);
        return qemu == model ? "" : what + ": QEMU " + Hex.of(qemu) + ", model " + Hex.of(model);
    }

    private static List<String> differences(TwoGics both, String name, long base, int... offsets) {
        List<String> out = new ArrayList<>();
        for (int offset : offsets) {
            out.add(same(both, name + Integer.toHexString(offset), base + offset, 4));
        }
        out.removeIf(String::isEmpty);
        return out;
    }

    private static int[] itsRegisters() {
        List<Integer> all = new ArrayList<>(List.of(0, 4, 8, 12, 0x80, 0x84, 0x88, 0x90));
        for (int n = 0; n < 16; n++) {
            all.add(0x100 + 4 * n);
        }
        for (int n = 0; n < 12; n++) {
            all.add(0xffd0 + 4 * n);
        }
        return all.stream().mapToInt(i -> i).toArray();
    }

    @Test
    void registersReadTheSameOutOfReset() {
        try (TwoGics both = TwoGics.v3()) {
            assertThat(differences(both, "GITS+", GITS, itsRegisters())).isEmpty();
            for (int cpu = 0; cpu < 2; cpu++) {
                long base = GICR + cpu * 0x2_0000L;
                assertThat(differences(both, "GICR+", base, 0, 4, 8, 12, 0x14, 0x70, 0x78, 0xffe8))
                        .isEmpty();
                assertThat(
                                differences(
                                        both, "GICR+", base, 0x10080, 0x10100, 0x10400, 0x10c00,
                                        0x10c04))
                        .isEmpty();
            }
            assertThat(differences(both, "GICD+", GICD, 0, 8, 0x84, 0x104, 0xc08, 0x6100, 0xffe8))
                    .isEmpty();
        }
    }

    @Test
    void registersOfGicV4ReadTheSameOutOfReset() {
        try (TwoGics both = TwoGics.v4()) {
            assertThat(differences(both, "GITS+", GITS, itsRegisters())).isEmpty();
            assertThat(both.qemu(GITS + 0x110, 8)).as("a vPE table").isNotZero();
            for (int cpu = 0; cpu < 2; cpu++) {
                long base = GICR + cpu * 0x4_0000L;
                int[] offsets = {0, 4, 8, 12, 0x14, 0x70, 0x78, 0xffe8, 0x2_0070, 0x2_0078};
                assertThat(differences(both, "GICR+", base, offsets)).isEmpty();
            }
        }
    }

    /// A command whose table does not answer stalls the queue, until it can be done.
    @Test
    void aStalledQueueIsTriedAgainWheneverItIsRung() {
        try (TwoGics both = TwoGics.v3()) {
            bringUp(both, 0x2_0000, false);
            int writer = queue(both, 0, new long[] {9, 0, 1L << 63, 0});
            writer = queue(both, writer, new long[] {1L << 32 | 8, 3, 1L << 63 | 1L << 40, 0});
            writer = queue(both, writer, new long[] {1L << 32 | 10, 8192L << 32, 0, 0});
            writer = queue(both, writer, new long[] {9, 0, 1L << 63 | 1L << 16 | 1, 0});
            both.write(GITS + 0x88, 8, writer);
            assertSameMemory(both, "stalled");
            assertThat(both.qemu(GITS + 0x90, 4)).isEqualTo(2 * 32 | 1);
            both.write(GITS + 0x88, 8, writer | 1);
            assertSameMemory(both, "still stalled");
            // The device's entry, pointing into RAM now.
            both.write(DEVICES + 8, 8, (ITTS >>> 8) << 6 | 3 << 1 | 1);
            both.write(GITS + 0x88, 8, writer);
            assertSameMemory(both, "gone on");
            assertThat(both.qemu(GITS + 0x90, 4)).isEqualTo(4 * 32 | 1);
        }
    }

    /// Where QEMU leaves the architecture, and the model does not follow.
    @Test
    void qemuLetsSoftwareWriteGitsCreadrAndTheModelDoesNot() {
        try (TwoGics both = TwoGics.v3()) {
            both.write(GITS + 0x90, 8, 0x40);
            assertThat(both.qemu(GITS + 0x90, 8)).isEqualTo(0x40);
            assertThat(both.model(GITS + 0x90, 8)).as("IHI 0069: read-only").isZero();
        }
    }

    /// What Linux does: page sizes one after the other, two levels, then what sticks.
    @Test
    void tablesAreProbedToTheSameAnswers() {
        try (TwoGics both = TwoGics.v3()) {
            for (int n = 0; n < 8; n++) {
                for (long size = 0; size < 4; size++) {
                    for (long value : new long[] {0, 1L << 62, 1L << 63, 1L << 62 | 1L << 63}) {
                        long baser = value | size << 8 | RAM + 0x7000 | 0xb800_0000_0000_0005L;
                        both.write(GITS + 0x100 + 8L * n, 8, baser);
                        assertThat(differences(both, "BASER", GITS, 0x100 + 8 * n, 0x104 + 8 * n))
                                .isEmpty();
                    }
                }
                both.write(GITS + 0x100 + 8L * n, 4, 0x1234_5678);
                both.write(GITS + 0x104 + 8L * n, 4, 0x9abc_def0L);
                assertThat(differences(both, "BASER", GITS, 0x100 + 8 * n, 0x104 + 8 * n))
                        .isEmpty();
            }
        }
    }

    private static void bringUp(TwoGics both, int redistributorBytes, boolean virtual) {
        both.write(GICD, 4, 0x12);
        for (int i = 0; i < LPIS; i++) {
            both.write(CONFIG + i, 1, 0xa1 | (i & 7) << 2);
        }
        for (int cpu = 0; cpu < 2; cpu++) {
            long gicr = GICR + (long) redistributorBytes * cpu;
            both.write(gicr + 0x14, 4, 0);
            both.write(gicr + 0x70, 8, CONFIG | 15);
            both.write(gicr + 0x78, 8, PENDING + 0x1_0000L * cpu);
            both.write(gicr, 4, 1);
        }
        both.write(GITS + 0x80, 8, 1L << 63 | QUEUE | (QUEUE_BYTES / 4096 - 1));
        both.write(GITS + 0x100, 8, 1L << 63 | DEVICES | 0x000);
        both.write(GITS + 0x108, 8, 1L << 63 | COLLECTIONS | 0x000);
        if (virtual) {
            both.write(GITS + 0x110, 8, 1L << 63 | VPES | 0x000);
        }
        both.write(GITS, 4, 1);
    }

    private static final int[] PHYSICAL = {1, 3, 4, 5, 8, 9, 10, 11, 12, 13, 14, 15, 3, 10, 10, 3};
    private static final int[] VIRTUAL = {0x21, 0x22, 0x25, 0x29, 0x2a, 0x2b, 0x2d, 0x2a, 0x29};

    /// A command of which most fields are likely and some are not.
    private static long[] command(Random random, boolean virtual) {
        int[] ops = virtual && random.nextBoolean() ? VIRTUAL : PHYSICAL;
        int op = random.nextInt(40) == 0 ? random.nextInt(256) : ops[random.nextInt(ops.length)];
        long device = random.nextInt(30) == 0 ? 0x1_0000 : random.nextInt(5);
        long event = random.nextInt(30) == 0 ? 40 : random.nextInt(12);
        long intid = random.nextInt(30) == 0 ? 8191 : 8192 + random.nextInt(LPIS);
        long cpu = random.nextInt(30) == 0 ? 2 : random.nextInt(2);
        long icid = random.nextInt(30) == 0 ? 0x1ff0 : random.nextInt(4);
        long vpeid = random.nextInt(30) == 0 ? 0x1ff0 : random.nextInt(3);
        long valid = random.nextInt(6) == 0 ? 0 : 1L << 63;
        long bell = random.nextInt(3) == 0 ? 1023 : 8192 + random.nextInt(LPIS);
        long w0 = device << 32 | op;
        return switch (op) {
            case 8 ->
                    new long[] {
                        w0,
                        random.nextInt(30) == 0 ? 16 : 3,
                        valid | ITTS + (device & 7) * 0x1000,
                        0
                    };
            case 9 -> new long[] {op, 0, valid | cpu << 16 | icid, 0};
            case 10 -> new long[] {w0, intid << 32 | event, icid, 0};
            case 11 -> new long[] {w0, random.nextInt(12), icid, 0};
            case 14 -> new long[] {op, 0, cpu << 16, (long) random.nextInt(2) << 16};
            case 0x29 -> new long[] {op, vpeid << 32, valid | cpu << 16, VPTS + (vpeid << 16) | 15};
            case 0x2a -> new long[] {w0, vpeid << 32 | event, bell << 32 | intid, 0};
            case 0x2b -> new long[] {w0, vpeid << 32 | event, bell << 32, 0};
            case 0x21 -> new long[] {w0, vpeid << 32 | event, bell << 32 | random.nextInt(2), 0};
            case 0x22 -> new long[] {op, vpeid << 32, cpu << 16, 0};
            case 0x25, 0x2d -> new long[] {op, vpeid << 32, 0, 0};
            default -> new long[] {w0, event, icid, 0};
        };
    }

    private static int queue(TwoGics both, int writer, long[] words) {
        for (int i = 0; i < 4; i++) {
            both.write(QUEUE + writer + 8L * i, 8, words[i]);
        }
        return (writer + 32) % QUEUE_BYTES;
    }

    private static void assertSameMemory(TwoGics both, String when) {
        long[][] areas = {
            {DEVICES, 64},
            {COLLECTIONS, 64},
            {VPES, 64},
            {ITTS, 0x5000},
            {PENDING + 1024, LPIS / 8},
            {PENDING + 0x1_0000 + 1024, LPIS / 8},
            {VPTS + 1024, LPIS / 8},
            {VPTS + 0x1_0000 + 1024, LPIS / 8},
            {VPTS + 0x2_0000 + 1024, LPIS / 8}
        };
        for (long[] area : areas) {
            assertThat(both.modelBytes(area[0], (int) area[1]))
                    .as(when + ": memory at " + Hex.of(area[0]))
                    .isEqualTo(both.qemuBytes(area[0], (int) area[1]));
        }
        assertThat(differences(both, "GITS+", GITS, 0x88, 0x90)).as(when).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void randomCommandsLeaveTheSameTablesAndTheSameLpisPending(long seed) {
        Random random = new Random(seed);
        try (TwoGics both = TwoGics.v3()) {
            bringUp(both, 0x2_0000, false);
            int writer = 0;
            int pended = 0;
            for (int round = 0; round < 12; round++) {
                StringBuilder said = new StringBuilder("seed " + seed + " round " + round);
                for (int n = 0; n < 25; n++) {
                    long[] words = command(random, false);
                    said.append('\n')
                            .append(
                                    dev.belfry.model.gic.spec.ItsCommand.decode(
                                            words[0], words[1], words[2], words[3]));
                    writer = queue(both, writer, words);
                }
                both.write(GITS + 0x88, 8, writer);
                for (int n = 0; n < 4; n++) {
                    // Under qtest it is device 0 that writes to the doorbell.
                    both.write(GITS + 0x1_0040, 4, random.nextInt(16));
                }
                int lpi = random.nextInt(LPIS);
                both.write(CONFIG + lpi, 1, random.nextInt(2) | 0xa0);
                assertSameMemory(both, said.toString());
                pended += bits(both.qemuBytes(PENDING + 1024, LPIS / 8));
            }
            assertThat(pended).as("the stream is not so wild that nothing works").isPositive();
        }
    }

    private static int bits(byte[] bytes) {
        int count = 0;
        for (byte b : bytes) {
            count += Integer.bitCount(b & 0xff);
        }
        return count;
    }

    @ParameterizedTest
    @ValueSource(longs = {11, 12, 13})
    void randomCommandsOfGicV4LeaveTheSameTablesAndTheSameVirtualLpisPending(long seed) {
        Random random = new Random(seed);
        try (TwoGics both = TwoGics.v4()) {
            bringUp(both, 0x4_0000, true);
            for (int i = 0; i < LPIS; i++) {
                both.write(CONFIG + 0x1_0000 + i, 1, 0xa1);
            }
            int writer = 0;
            int pended = 0;
            for (int round = 0; round < 12; round++) {
                StringBuilder said = new StringBuilder("seed " + seed + " round " + round);
                for (int n = 0; n < 25; n++) {
                    long[] words = command(random, true);
                    said.append('\n')
                            .append(
                                    dev.belfry.model.gic.spec.ItsCommand.decode(
                                            words[0], words[1], words[2], words[3]));
                    writer = queue(both, writer, words);
                }
                both.write(GITS + 0x88, 8, writer);
                for (int n = 0; n < 4; n++) {
                    both.write(GITS + 0x1_0040, 4, random.nextInt(16));
                }
                assertSameMemory(both, said.toString());
                for (int vpe = 0; vpe < 3; vpe++) {
                    pended += bits(both.qemuBytes(VPTS + (vpe << 16) + 1024, LPIS / 8));
                }
                makeResident(both, random);
            }
            assertThat(pended).as("the stream is not so wild that nothing works").isPositive();
        }
    }

    /// A vPE leaves a CPU and another comes.
    private static void makeResident(TwoGics both, Random random) {
        int cpu = random.nextInt(2);
        long frame = GICR + 0x4_0000L * cpu + 0x2_0000;
        both.write(frame + 0x78, 8, 0);
        if (random.nextInt(3) != 0) {
            both.write(frame + 0x70, 8, CONFIG + 0x1_0000 | 15);
            both.write(frame + 0x78, 8, 1L << 63 | VPTS + ((long) random.nextInt(3) << 16));
        }
    }
}
