package dev.belfry.host.memory;

import dev.belfry.kernel.iopgtable.Granule;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.OptionalLong;
import java.util.SplittableRandom;

/// The host's free physical pages, handed out in pieces of the sizes that one translation table
/// entry can map, in an order that a seed decides.
///
/// The largest pieces come in shuffled order; smaller ones are cut from one large piece at a time,
/// scattered within it. Pieces given back are used again first.
public final class HostPages {

    /// No page table entry that matters here maps more.
    private static final int LARGEST_SHIFT = 30;

    private final List<Integer> shifts;
    private final Level[] levels;

    /// One size of piece.
    private static final class Level {
        final int shift;
        final Deque<Long> free = new ArrayDeque<>();
        long block;
        int left;
        int count;
        int step;

        Level(int shift) {
            this.shift = shift;
        }
    }

    /// @param base first byte of the pool, aligned to its largest piece
    /// @param size bytes
    /// @param granule the host kernel's page size, which decides the piece sizes
    /// @param seed decides the order
    public HostPages(long base, long size, Granule granule, long seed) {
        this.shifts = granule.leafShifts().stream().filter(s -> s <= LARGEST_SHIFT).toList();
        this.levels = shifts.stream().map(Level::new).toArray(Level[]::new);
        int shift = levels[0].shift;
        long first = (base + (1L << shift) - 1) >>> shift << shift;
        int count = (int) Math.max(0, (base + size - first) >>> shift);
        shuffled(count, new SplittableRandom(seed))
                .forEach(i -> levels[0].free.add(first + ((long) i << shift)));
    }

    private static List<Integer> shuffled(int count, SplittableRandom random) {
        Integer[] order = new Integer[count];
        for (int i = 0; i < count; i++) {
            int j = random.nextInt(i + 1);
            order[i] = i == j ? Integer.valueOf(i) : order[j];
            order[j] = i;
        }
        return List.of(order);
    }

    /// log2 of the piece sizes, largest first; the last one is the page.
    public List<Integer> pieceShifts() {
        return shifts;
    }

    /// Takes a piece of `1 << shift` bytes, which is one of [#pieceShifts].
    ///
    /// @return its physical address; empty when there is none left
    public OptionalLong take(int shift) {
        return takeFrom(shifts.indexOf(shift));
    }

    private OptionalLong takeFrom(int index) {
        Level level = levels[index];
        Long again = level.free.poll();
        if (again != null) {
            return OptionalLong.of(again);
        }
        if (level.left == 0 && !refill(index)) {
            return OptionalLong.empty();
        }
        // An odd step visits each of a power of two pieces once.
        int at = (level.left * level.step) & (level.count - 1);
        level.left--;
        return OptionalLong.of(level.block + ((long) at << level.shift));
    }

    private boolean refill(int index) {
        OptionalLong larger = index == 0 ? OptionalLong.empty() : takeFrom(index - 1);
        if (larger.isEmpty()) {
            return false;
        }
        Level level = levels[index];
        level.block = larger.getAsLong();
        level.count = 1 << (levels[index - 1].shift - level.shift);
        level.left = level.count;
        level.step = (int) (level.block >>> levels[0].shift) * 2 + 5 | 1;
        return true;
    }

    /// Gives a piece back.
    public void give(long address, int shift) {
        levels[shifts.indexOf(shift)].free.addFirst(address);
    }
}
