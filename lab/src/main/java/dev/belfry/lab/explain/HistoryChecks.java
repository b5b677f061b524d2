package dev.belfry.lab.explain;

import dev.belfry.lab.explain.ExplainReport.State;
import dev.belfry.lab.explain.ExplainReport.Vector;
import dev.belfry.model.bits.Hex;
import dev.belfry.model.gic.spec.ItsCommand;
import dev.belfry.model.smmu.spec.Command;
import dev.belfry.model.system.SystemView.Function;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// What the command queues should hold, by what the tables hold.
final class HistoryChecks {

    private final Streams streams;
    private final CommandHistory commands;
    private final FindingList findings;

    HistoryChecks(Streams streams, CommandHistory commands, FindingList findings) {
        this.streams = streams;
        this.commands = commands;
        this.findings = findings;
    }

    /// The last mapping of an event should be followed by INV or INVALL, or the redistributor may
    /// go by configuration it read before.
    void invalidatedLpis(Function f, String name, List<Vector> of) {
        Map<Integer, Boolean> invalidatedSince = new HashMap<>();
        int deviceId = streams.device(f.bdf()).deviceId();
        for (CommandHistory.ItsEntry e : commands.its()) {
            switch (e.command()) {
                case ItsCommand.Mapti c when c.deviceId() == deviceId ->
                        invalidatedSince.put(c.eventId(), false);
                case ItsCommand.Inv c when c.deviceId() == deviceId ->
                        invalidatedSince.replace(c.eventId(), true);
                case ItsCommand.Invall _ -> invalidatedSince.replaceAll((event, was) -> true);
                default -> {}
            }
        }
        for (Vector v : of) {
            if (v.state() != State.DELIVERED || v.intId().isEmpty()) {
                continue;
            }
            if (!invalidatedSince.getOrDefault(v.data(), true)) {
                findings.add(
                        "lpi-not-invalidated",
                        "warning",
                        name,
                        "LPI %d (vector %d) is enabled in its table, but no INV or INVALL followed its MAPTI"
                                .formatted(v.intId().getAsInt(), v.vector()),
                        "The redistributor may keep the configuration that it read before, and hold"
                                + " the interrupt back (IHI 0069 5.1.1).");
            }
        }
    }

    /// An STE that is in use should have been announced by a command after the first CFGI_ALL,
    /// which software sends before there are any.
    void announcedSte(String name, Streams.Seen stream) {
        List<CommandHistory.SmmuCommand> all =
                commands.smmu().stream().filter(c -> c.smmu() == stream.smmu().orElse(-1)).toList();
        boolean complete = !all.isEmpty() && all.getFirst().entry().index() == 0;
        boolean used = stream.translated() || stream.policy().equals("bypass");
        if (!complete || !used) {
            return;
        }
        boolean announced =
                all.stream()
                        .skip(1)
                        .anyMatch(c ->
                                switch (c.command()) {
                                    case Command.CfgiSte s -> s.streamId() == stream.streamId();
                                    case Command.CfgiSteRange r -> r.contains(stream.streamId());
                                    default -> false;
                                });
        if (!announced) {
            findings.add(
                    "ste-not-announced",
                    "warning",
                    name,
                    "the STE of StreamID "
                            + Hex.of(stream.streamId())
                            + " is in use, but no CMD_CFGI_STE for it is in the command queue",
                    "The SMMU may go by an STE that it cached before (IHI 0070 3.21.3).");
        }
    }
}
