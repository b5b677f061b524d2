package dev.belfry.lab.explain;

import dev.belfry.lab.explain.ExplainReport.Command;
import dev.belfry.lab.explain.ExplainReport.Finding;
import dev.belfry.lab.explain.ExplainReport.Function;
import dev.belfry.lab.explain.ExplainReport.Vector;
import dev.belfry.model.bits.Hex;
import dev.belfry.model.journey.Hop;
import dev.belfry.model.journey.HopKind;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// STEs and CDs that changed between two looks while the command queue says nothing of it: the SMMU
/// may go by what it cached, as QEMU's does. From one look this cannot be told.
public final class UnannouncedChanges {

    private static final Map<HopKind, String> CACHED = Map.of(HopKind.STE, "STE", HopKind.CD, "CD");

    private UnannouncedChanges() {}

    /// What `now` has that `before` had otherwise, without a word to the SMMU in between. Both need
    /// their hops.
    public static List<Finding> between(ExplainReport before, ExplainReport now) {
        Set<List<Object>> known = new HashSet<>();
        before.commands().forEach(c -> known.add(place(c)));
        List<Command> since =
                now.commands().stream().filter(c -> !known.contains(place(c))).toList();
        List<Finding> out = new ArrayList<>();
        for (Function f : now.functions()) {
            for (HopKind kind : List.of(HopKind.STE, HopKind.CD)) {
                Optional<Hop> was = hop(before, f.device(), kind);
                Optional<Hop> is = hop(now, f.device(), kind);
                boolean changed =
                        was.isPresent()
                                && is.isPresent()
                                && !was.get().bytes().equals(is.get().bytes());
                if (changed && since.stream().noneMatch(c -> announces(c, f))) {
                    out.add(finding(f, is.get()));
                }
            }
        }
        return out;
    }

    private static Finding finding(Function f, Hop now) {
        String what = CACHED.getOrDefault(now.kind(), "structure");
        String at = now.address().isPresent() ? " at " + Hex.of(now.address().getAsLong()) : "";
        return new Finding(
                "unannounced-change",
                "warning",
                Optional.of(f.device()),
                "its %s%s changed, and no CMD_CFGI for StreamID %s has been queued since the last look"
                        .formatted(what, at, Hex.of(f.streamId().orElse(0))),
                "The SMMU may go by what it cached before, so that the journey told here is not the"
                        + " one that is taken (IHI 0070 3.21.3).");
    }

    private static List<Object> place(Command c) {
        return List.of(c.queue(), c.index(), c.bytes());
    }

    private static boolean announces(Command c, Function f) {
        if (!c.name().startsWith("CMD_CFGI") || !f.smmu().equals(Optional.of(c.queue()))) {
            return false;
        }
        return c.id().isEmpty()
                || c.id().equals(f.streamId())
                || (f.streamId().isPresent() && c.covers(f.streamId().getAsLong()));
    }

    private static Optional<Hop> hop(ExplainReport report, String device, HopKind kind) {
        return report.vectors().stream()
                .filter(v -> v.device().equals(device))
                .map(Vector::hops)
                .flatMap(List::stream)
                .filter(h -> h.kind() == kind && h.bytes().length() > 0)
                .findFirst();
    }
}
