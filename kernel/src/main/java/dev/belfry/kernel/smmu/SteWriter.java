package dev.belfry.kernel.smmu;

import dev.belfry.kernel.Machine;

/// Changes an STE that the SMMU may be reading (IHI 0070 3.21.3): each 64-bit word is single-copy
/// atomic, the entry is not, and a command must say when words have changed.
final class SteWriter {

    private static final int WORDS = 8;

    private final Machine machine;
    private final CommandQueue queue;

    SteWriter(Machine machine, CommandQueue queue) {
        this.machine = machine;
        this.queue = queue;
    }

    /// Writes an entry that no device uses yet, without a command.
    static void writeQuietly(Machine machine, long at, StreamEntry entry) {
        for (int word = WORDS - 1; word >= 0; word--) {
            machine.write(at + 8L * word, 8, entry.word(word));
        }
    }

    /// Replaces the entry at `at` of `streamId` by `target`.
    void replace(long at, int streamId, StreamEntry target) {
        if (target.isSimple()) {
            for (int word = 0; word < WORDS; word++) {
                machine.write(at + 8L * word, 8, target.word(word));
            }
            synchronise(streamId);
            return;
        }
        StreamEntry current = read(at);
        if (criticalWords(current, target) > 1) {
            machine.write(at, 8, 0);
            synchronise(streamId);
            writeTail(at, target);
            synchronise(streamId);
            machine.write(at, 8, target.w0());
            synchronise(streamId);
        } else {
            hitless(at, streamId, current, target);
        }
        queue.issue(Command.prefetchConfig(streamId));
    }

    /// At most one word matters to both: what the SMMU does not look at is written first, then that
    /// word, then what it no longer looks at.
    private void hitless(long at, int streamId, StreamEntry current, StreamEntry target) {
        StreamEntry used = current.used();
        for (int word = 0; word < 4; word++) {
            long mask = used.word(word);
            write(at, word, (current.word(word) & mask) | (target.word(word) & ~mask));
        }
        synchronise(streamId);
        for (int word = 0; word < 4; word++) {
            write(at, word, target.word(word));
        }
        synchronise(streamId);
    }

    private void write(long at, int word, long value) {
        if (machine.read(at + 8L * word, 8) != value) {
            machine.write(at + 8L * word, 8, value);
        }
    }

    /// How many words hold bits that `current` uses and `target` has otherwise.
    private static int criticalWords(StreamEntry current, StreamEntry target) {
        StreamEntry used = current.used();
        StreamEntry wanted = target.used();
        int critical = 0;
        for (int word = 0; word < 4; word++) {
            long mask = used.word(word) & wanted.word(word);
            long difference = (current.word(word) ^ target.word(word)) & mask;
            critical += difference != 0 ? 1 : 0;
        }
        return critical;
    }

    private void writeTail(long at, StreamEntry target) {
        for (int word = 1; word < WORDS; word++) {
            machine.write(at + 8L * word, 8, target.word(word));
        }
    }

    private StreamEntry read(long at) {
        return new StreamEntry(
                machine.read(at, 8),
                machine.read(at + 8, 8),
                machine.read(at + 16, 8),
                machine.read(at + 24, 8));
    }

    private void synchronise(int streamId) {
        queue.issueSync(Command.cfgiSte(streamId, true));
    }
}
