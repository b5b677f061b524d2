package dev.belfry.host.smmu;

import dev.belfry.host.iommu.ViommuBackend.Invalidated;
import dev.belfry.host.uapi.Errno;
import dev.belfry.host.uapi.Result;
import dev.belfry.kernel.smmu.Command;
import dev.belfry.kernel.smmu.CommandQueue;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Converts and issues an array of guest commands (`arm_vsmmu_cache_invalidate`).
///
/// When a command cannot be converted, the count says that those before it are done, and they are;
/// when issuing fails, it is one less than what was converted.
///
/// @param dropsUnflushed as Linux has it up to now: when a command cannot be converted, those
///   before it that were converted and not issued yet are counted, and never issued. A VMM is on
///   the safe side when it sends commands that may fail alone, or the whole batch once more.
record InvalidationBatch(
        InvalidationRewriter rewriter, CommandQueue queue, boolean dropsUnflushed) {

    /// `CMDQ_BATCH_ENTRIES - 1`: with its CMD_SYNC a batch fills the driver's array.
    private static final int BATCH = CommandQueue.BATCH - 1;

    Invalidated run(List<long[]> commands) {
        List<Command> waiting = new ArrayList<>();
        for (int i = 0; i < commands.size(); i++) {
            long[] words = commands.get(i);
            Result<Command> converted = rewriter.rewrite(words[0], words[1]);
            if (converted instanceof Result.Err<Command>(Errno errno, String why)) {
                boolean issued =
                        waiting.isEmpty()
                                || dropsUnflushed
                                || queue.issueSync(waiting) == CommandQueue.Outcome.DONE;
                return issued ? new Invalidated(i, Optional.of(errno), why) : timedOut(i - 1);
            }
            waiting.add(converted.orThrow());
            boolean last = i == commands.size() - 1;
            if (!last && waiting.size() < BATCH) {
                continue;
            }
            if (queue.issueSync(waiting) == CommandQueue.Outcome.TIMEOUT) {
                return timedOut(i);
            }
            waiting.clear();
        }
        return new Invalidated(commands.size(), Optional.empty(), "");
    }

    private static Invalidated timedOut(int handled) {
        return new Invalidated(
                handled, Optional.of(Errno.ETIMEDOUT), "the SMMU did not complete CMD_SYNC");
    }
}
