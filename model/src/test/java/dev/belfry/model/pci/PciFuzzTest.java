package dev.belfry.model.pci;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.model.journey.JourneyRecorder;
import dev.belfry.model.journey.Where;
import dev.belfry.model.pci.spec.Bar;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Whatever software writes, nothing throws and nothing runs away.
class PciFuzzTest {

    private static final long PLACED = 0x1100_0000L;

    private static final int[] WIDTHS = {1, 2, 4, 8};

    private static final int ON_ROOT_BUSES = 6;

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 0xbe1f, 0x5eed})
    void randomConfigurationAndMemoryAccessesNeverThrow(long seed) {
        Random random = new Random(seed);
        JourneyRecorder recorder = new JourneyRecorder();
        recorder.start();
        Hierarchy h = new Hierarchy(recorder.at(Where.GUEST));
        h.root.add(6, 0, Hierarchy.endpoint("igb"));
        h.root.add(7, 0, PortCatalog.toPci("pci")).secondary().add(0x18, Hierarchy.endpoint("edu"));
        h.enumerate();
        assertThat(h.segment.functions()).hasSize(13);
        int[] known = {0x10, 0x18, 0x20, 0x30, 0x38, 0x100, 0x200, 0x300, 0x308, 0x400, 0x4000};
        for (int i = 0; i < 60_000; i++) {
            int width = WIDTHS[random.nextInt(4)];
            int id =
                    random.nextInt(10) < 9
                            ? known[random.nextInt(known.length)]
                            : random.nextInt(1 << 16);
            int offset = random.nextInt(3) == 0 ? random.nextInt(4096) : random.nextInt(0x100);
            switch (random.nextInt(5)) {
                case 0 -> h.config(id, offset, width);
                case 1 -> h.config(id, offset, width, random.nextLong());
                case 2 -> {
                    h.config(id, 4, 2, 6);
                    h.config(0x10, 0x10, 8, PLACED);
                    h.config(0x10, 0x42, 2, 0x8000);
                }
                case 3 -> h.read(address(random), width);
                default -> h.write(address(random), width, random.nextLong());
            }
        }
        List<PciFunction> all = h.segment.functions();
        // Cards leave hot-plug slots whose power software takes; what is on a root bus stays.
        assertThat(all.size()).isLessThanOrEqualTo(13);
        assertThat(all.stream().filter(f -> f.bus() instanceof RootBus)).hasSize(ON_ROOT_BUSES);
        for (PciFunction f : all) {
            assertThat(f.requesterId()).isBetween(0, 0xffff);
            f.signal(random.nextInt(4));
            f.configSpace().extendedCapabilities();
        }
        assertThat(recorder.stop().hops()).isNotEmpty();
    }

    private static long address(Random random) {
        return random.nextBoolean()
                ? PLACED + random.nextInt(0x4000)
                : Hierarchy.WINDOW + random.nextInt(0x2efe_0000);
    }

    /// Where several ranges overlap, the search must still find the right one of them.
    @ParameterizedTest
    @ValueSource(longs = {7, 8, 9})
    void theIndexFindsWhatALinearSearchFinds(long seed) {
        Random random = new Random(seed);
        BusClaims.Builder builder = new BusClaims.Builder();
        List<long[]> ranges = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            long size = 16L << random.nextInt(12);
            long base = (random.nextInt(1 << 16) & -size) + (random.nextBoolean() ? 0 : 1L << 63);
            builder.add(base, new BarFrame(0, Bar.Kind.MEMORY_64, false, size));
            ranges.add(new long[] {base, base + size - 1});
        }
        BusClaims claims = builder.build();
        for (int i = 0; i < 5000; i++) {
            long address = random.nextInt(1 << 17) + (random.nextBoolean() ? 0 : 1L << 63);
            BusClaims.Claim found = claims.find(address);
            long nearest = 0;
            boolean any = false;
            for (long[] r : ranges) {
                if (Long.compareUnsigned(r[0], address) <= 0
                        && Long.compareUnsigned(address, r[1]) <= 0) {
                    nearest = any && Long.compareUnsigned(nearest, r[0]) > 0 ? nearest : r[0];
                    any = true;
                }
            }
            assertThat(found != null).isEqualTo(any);
            if (found != null) {
                assertThat(found.base()).isEqualTo(nearest);
            }
        }
    }
}
