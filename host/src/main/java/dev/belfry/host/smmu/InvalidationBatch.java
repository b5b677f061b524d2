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
/// It keeps the kernel's way of counting. When a command cannot be converted, those before it that
/// were converted but not issued yet are counted as done all the same; when issuing fails, the
/// count is one less than what was converted.
record InvalidationBatch(InvalidationRewriter rewriter, CommandQueue queue) {

    /// `CMDQ_BATCH_ENTRIES - 1`: with its CMD_SYNC a batch fills the driver's array.
    private static final int BATCH = CommandQueue.BATCH - 1;

    Invalidated run(List<long[]> commands) {
        List<Command> waiting = new ArrayList<>();
        for (int i = 0; i < commands.size(); i++) {
            long[] words = commands.get(i);
            Result<Command> converted = rewriter.rewrite(words[0], words[1]);
            if (converted instanceof Result.Err<Command>(Errno errno, String why)) {
                return new Invalidated(i, Optional.of(errno), why);
            }
            waiting.add(converted.orThrow());
            boolean last = i == commands.size() - 1;
            if (!last && waiting.size() < BATCH) {
                continue;
            }
            if (queue.issueSync(waiting) == CommandQueue.Outcome.TIMEOUT) {
                return new Invalidated(
                        i, Optional.of(Errno.ETIMEDOUT), "the SMMU did not complete CMD_SYNC");
            }
            waiting.clear();
        }
        return new Invalidated(commands.size(), Optional.empty(), "");
    }
}
