package dev.belfry.kernel.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.kernel.TestMachine;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class PageAllocatorTest {

    private static final long SIZE = 16 << 20;
    private final TestMachine machine = new TestMachine(SIZE, 1);

    private PageAllocator allocator(long seed) {
        return new PageAllocator(machine, TestMachine.RAM_BASE, SIZE, seed);
    }

    @Test
    void blocksAreAlignedToTheirSizeAndDoNotOverlap() {
        PageAllocator pages = allocator(7);
        List<long[]> blocks = new ArrayList<>();
        for (long bytes : new long[] {4096, 5000, 1 << 16, 4096, 1 << 20, 64, 3 << 16}) {
            long at = pages.allocate(bytes);
            long size = Math.max(4096, Long.highestOneBit(2 * bytes - 1));
            assertThat(at % size).isZero();
            for (long[] other : blocks) {
                assertThat(at + size <= other[0] || other[0] + other[1] <= at).isTrue();
            }
            blocks.add(new long[] {at, size});
        }
    }

    @Test
    void theSameSeedGivesTheSameAddressesAndAnotherSeedOthers() {
        List<Long> first = take(allocator(1));
        assertThat(take(allocator(1))).isEqualTo(first);
        assertThat(take(allocator(2))).isNotEqualTo(first);
    }

    private static List<Long> take(PageAllocator pages) {
        List<Long> out = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            out.add(pages.allocate(4096L << i % 3));
        }
        return out;
    }

    @Test
    void usedPagesAreZeroWhenTheyAreHandedOutAgain() {
        PageAllocator pages = allocator(3);
        long whole = pages.allocate(SIZE);
        machine.writeBytes(whole + 8192, new byte[] {1, 2, 3});
        pages.free(whole);
        long again = pages.allocate(SIZE);
        assertThat(again).isEqualTo(whole);
        assertThat(machine.readBytes(again + 8192, 3)).containsOnly(0);
    }

    @Test
    void freedBuddiesBecomeALargeBlockAgain() {
        PageAllocator pages = allocator(5);
        List<Long> small = new ArrayList<>();
        for (int i = 0; i < SIZE / 4096; i++) {
            small.add(pages.allocate(4096));
        }
        assertThatThrownBy(() -> pages.allocate(4096)).isInstanceOf(OutOfMemory.class);
        small.forEach(pages::free);
        assertThat(pages.allocatedBytes()).isZero();
        assertThat(pages.allocate(SIZE)).isEqualTo(TestMachine.RAM_BASE);
    }
}
