package dev.belfry.lab.explain;

import dev.belfry.model.journey.Bytes;
import dev.belfry.model.memory.PhysicalMemory;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/// A circular queue in memory, read backwards from its producer: what was consumed lies there until
/// it is written over.
///
/// @param memory where it is
/// @param base address of entry 0
/// @param entryWords 64-bit words an entry
/// @param entries how many entries
/// @param producer index of the next entry to be written
/// @param waiting how many of the last entries are not consumed yet
record Ring(
        PhysicalMemory memory, long base, int entryWords, int entries, int producer, int waiting) {

    /// An entry.
    ///
    /// @param index its place in the queue
    /// @param consumed whether the reader has taken it
    /// @param words as they lie in memory
    record Entry(int index, boolean consumed, List<Long> words) {

        long word(int i) {
            return words.get(i);
        }

        Bytes bytes() {
            return Bytes.ofWords(words.stream().mapToLong(Long::longValue).toArray());
        }
    }

    /// What could be read back, oldest first. An entry whose first word is 0 was never written.
    ///
    /// @param most how many at most
    List<Entry> history(int most) {
        List<Entry> out = new ArrayList<>();
        for (int i = 1; i <= Math.min(most, entries); i++) {
            int index = Math.floorMod(producer - i, entries);
            long at = base + (long) index * entryWords * 8;
            if (!memory.accepts(at, entryWords * 8L) || memory.read(at, 8) == 0) {
                break;
            }
            List<Long> words = new ArrayList<>(entryWords);
            for (int w = 0; w < entryWords; w++) {
                words.add(memory.read(at + 8L * w, 8));
            }
            out.add(new Entry(index, i > waiting, words));
        }
        Collections.reverse(out);
        return out;
    }

    /// A queue whose indexes have a wrap bit above their `log2` index bits, as the SMMU's.
    static Ring wrapping(
            PhysicalMemory memory, long base, int entryWords, int log2, long prod, long cons) {
        int size = 1 << Math.min(log2, 20);
        int waiting = (int) Math.floorMod(prod - cons, 2L * size);
        return new Ring(
                memory, base, entryWords, size, (int) (prod & (size - 1)), Math.min(waiting, size));
    }
}
