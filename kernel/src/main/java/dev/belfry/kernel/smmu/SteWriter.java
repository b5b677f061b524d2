package dev.belfry.kernel.smmu;

import dev.belfry.kernel.Machine;

/// Changes an STE as Linux did until 6.8, a guest's kernel among them: from abort or bypass to
/// anything, from anything to abort or bypass, and so between two address spaces always through
/// abort. Since 6.9 [EntryWriter] does.
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

    /// Replaces the entry at `at` of `streamId` by `target`; one of the two is abort or bypass.
    void replace(long at, int streamId, StreamEntry target) {
        if (target.isSimple()) {
            for (int word = 0; word < WORDS; word++) {
                machine.write(at + 8L * word, 8, target.word(word));
            }
            synchronise(streamId);
            return;
        }
        for (int word = 1; word < WORDS; word++) {
            machine.write(at + 8L * word, 8, target.word(word));
        }
        synchronise(streamId);
        machine.write(at, 8, target.w0());
        synchronise(streamId);
        queue.issue(Command.prefetchConfig(streamId));
    }

    private void synchronise(int streamId) {
        queue.issueSync(Command.cfgiSte(streamId, true));
    }
}
