package dev.belfry.qemu.gic;

import static dev.belfry.qemu.gic.TwoGics.GICD;
import static dev.belfry.qemu.gic.TwoGics.GICR;
import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.model.bits.Hex;
import dev.belfry.qemu.process.RealQemu;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Distributor and Redistributor beside a real QEMU's: what random writes of every width leave in
/// the registers of SPIs, SGIs and PPIs.
class GicAgainstQemuTest {

    /// QEMU keeps what is reserved in GICD_IROUTER, and the bit that asks for any one CPU, although
    /// GICD_TYPER.No1N is 1.
    private static final long ROUTER = 0xff_00ff_ffffL;

    /// Enough for the SPIs whose numbers both have, whatever GICD_TYPER says.
    private static final int INTIDS = 256;

    @BeforeEach
    void qemu() {
        RealQemu.required();
    }

    private static int width(Random random, boolean bytes) {
        return bytes && random.nextBoolean() ? 1 : random.nextInt(4) == 0 ? 8 : 4;
    }

    private static int aligned(int offset, int width) {
        return offset & -width;
    }

    /// An offset of a register of the Distributor that keeps state.
    private static long distributor(Random random, int width) {
        int intid = random.nextInt(INTIDS);
        int kind = width == 1 ? 1 : random.nextInt(4);
        int offset =
                switch (kind) {
                    case 0 -> 0x80 + 0x80 * random.nextInt(7) + intid / 8;
                    case 1 -> 0x400 + intid;
                    case 2 -> 0xc00 + intid / 4;
                    default -> 0x6000 + 8 * intid;
                };
        return GICD + aligned(offset, width);
    }

    private static long redistributor(Random random, int width) {
        int cpu = random.nextInt(2);
        int[] registers = {0x80, 0x100, 0x180, 0x200, 0x280, 0x300, 0x380, 0xc04};
        int offset =
                width == 1 || random.nextInt(3) == 0
                        ? 0x400 + random.nextInt(32)
                        : registers[random.nextInt(registers.length)];
        return GICR + cpu * 0x2_0000L + 0x1_0000 + aligned(offset, Math.min(width, 4));
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void randomWritesLeaveTheSameInTheRegistersOfSpis(long seed) {
        Random random = new Random(seed);
        try (TwoGics both = TwoGics.v3()) {
            both.write(GICD, 4, 0x12);
            for (int i = 0; i < 400; i++) {
                int width = width(random, true);
                long address = distributor(random, width);
                long value = random.nextLong() & (width == 8 ? -1L : (1L << (8 * width)) - 1);
                if (address >= GICD + 0x6000) {
                    value &= (address & 4) == 0 ? ROUTER : ROUTER >>> 32;
                }
                both.write(address, width, value);
                for (int read : new int[] {width, 4}) {
                    long at = address & -read;
                    assertThat(both.model(at, read))
                            .as(
                                    "seed %d, %d: %s <- %s, then %d bytes",
                                    seed, i, Hex.of(address), Hex.of(value), read)
                            .isEqualTo(both.qemu(at, read));
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {4, 5, 6})
    void randomWritesLeaveTheSameInTheRegistersOfSgisAndPpis(long seed) {
        Random random = new Random(seed);
        try (TwoGics both = TwoGics.v3()) {
            both.write(GICD, 4, 0x12);
            for (int i = 0; i < 400; i++) {
                int width = random.nextInt(3) == 0 ? 1 : 4;
                long address = redistributor(random, width);
                long value = random.nextLong() & (1L << (8 * width)) - 1;
                both.write(address, width, value);
                long at = address & -4;
                assertThat(both.model(at, 4))
                        .as("seed %d, %d: %s <- %s", seed, i, Hex.of(address), Hex.of(value))
                        .isEqualTo(both.qemu(at, 4));
            }
        }
    }
}
