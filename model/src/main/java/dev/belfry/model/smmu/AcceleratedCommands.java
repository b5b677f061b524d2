package dev.belfry.model.smmu;

import dev.belfry.model.smmu.spec.Command;
import dev.belfry.model.smmu.spec.SmmuRegister.Cmdq;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;

/// Carries the commands of an accelerated vSMMU out: configuration becomes stream policies,
/// invalidations of what the host's SMMU caches are handed over in batches that keep their order.
///
/// The software side runs as well, since its walks serve whoever inspects the guest's tables or
/// sits behind a bridge. A batch goes out before a CMD_SYNC, before a command that changes a
/// policy, and at the end of a run.
final class AcceleratedCommands implements CommandQueue.Executor {

    private static final int MOST = 256;

    private final SoftwareCommands software;
    private final AcceleratedSink sink;
    private final IntFunction<StreamPolicy> policies;
    private final SmmuIdentity id;
    private final List<long[]> batch = new ArrayList<>();
    private final List<Integer> positions = new ArrayList<>();
    private int failed = -1;

    AcceleratedCommands(
            SmmuIdentity id,
            SoftwareCommands software,
            AcceleratedSink sink,
            IntFunction<StreamPolicy> policies) {
        this.id = id;
        this.software = software;
        this.sink = sink;
        this.policies = policies;
    }

    @Override
    public int execute(Command command, int position) {
        if (position == 0) {
            failed = -1;
        }
        return switch (command) {
            case Command.Sync c -> flush() ? software.execute(command, position) : Cmdq.CERROR_ILL;
            case Command.CfgiSte c -> configure(command, position);
            case Command.CfgiSteRange c -> configure(command, position);
            case Command.CfgiCd c -> forward(command, position);
            case Command.CfgiCdAll c -> forward(command, position);
            case Command.TlbiNhAll c -> forward(command, position);
            case Command.TlbiNhAsid c -> forward(command, position);
            case Command.TlbiNhVa c -> forward(command, position);
            case Command.TlbiNhVaa c -> forward(command, position);
            case Command.TlbiNsnhAll c -> forward(command, position);
            case Command.AtcInv c -> forward(command, position);
            case Command.TlbiEl3All c -> software.execute(command, position);
            case Command.TlbiEl3Va c -> software.execute(command, position);
            case Command.TlbiEl2All c -> software.execute(command, position);
            case Command.TlbiEl2Asid c -> software.execute(command, position);
            case Command.TlbiEl2Va c -> software.execute(command, position);
            case Command.TlbiEl2Vaa c -> software.execute(command, position);
            case Command.TlbiS12Vmall c -> software.execute(command, position);
            case Command.TlbiS2Ipa c -> software.execute(command, position);
            case Command.PrefetchConfig c -> software.execute(command, position);
            case Command.PrefetchAddr c -> software.execute(command, position);
            case Command.CfgiVmsPidm c -> software.execute(command, position);
            case Command.PriResp c -> software.execute(command, position);
            case Command.Resume c -> software.execute(command, position);
            case Command.StallTerm c -> software.execute(command, position);
            case Command.Unknown c -> software.execute(command, position);
        };
    }

    private int forward(Command command, int position) {
        int error = sink.keepsOwnCaches() ? software.execute(command, position) : Cmdq.CERROR_NONE;
        if (error != Cmdq.CERROR_NONE) {
            return error;
        }
        batch.add(command.encode());
        positions.add(position);
        return batch.size() < MOST || flush() ? Cmdq.CERROR_NONE : Cmdq.CERROR_ILL;
    }

    private int configure(Command command, int position) {
        if (!flush()) {
            return Cmdq.CERROR_ILL;
        }
        int error = software.execute(command, position);
        if (error != Cmdq.CERROR_NONE) {
            return error;
        }
        boolean done =
                switch (command) {
                    case Command.CfgiSte c -> install(c.streamId());
                    case Command.CfgiSteRange c -> install(c);
                    default -> true;
                };
        return done ? Cmdq.CERROR_NONE : Cmdq.CERROR_ILL;
    }

    private boolean install(Command.CfgiSteRange range) {
        for (int sid : sink.boundStreams()) {
            if (range.contains(sid) && !install(sid)) {
                return false;
            }
        }
        return true;
    }

    private boolean install(int sid) {
        return sink.install(sid, policies.apply(sid));
    }

    /// Hands the batch over.
    ///
    /// @return false when the host refused one of them
    private boolean flush() {
        if (batch.isEmpty()) {
            return true;
        }
        int done = sink.invalidate(List.copyOf(batch));
        boolean all = done >= batch.size();
        if (!all) {
            failed = positions.get(Math.max(0, done));
        }
        batch.clear();
        positions.clear();
        return all;
    }

    @Override
    public int finish() {
        return flush() ? Cmdq.CERROR_NONE : Cmdq.CERROR_ILL;
    }

    @Override
    public int failedAt(int position) {
        int at = failed >= 0 ? failed : position;
        failed = -1;
        return at;
    }

    /// The identity that the policies follow.
    SmmuIdentity identity() {
        return id;
    }
}
