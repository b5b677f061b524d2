package dev.belfry.cli.text;

import dev.belfry.cli.Paint;
import dev.belfry.lab.explain.ExplainReport;
import dev.belfry.lab.explain.ExplainReport.Vector;
import dev.belfry.lab.explain.UnannouncedChanges;
import dev.belfry.model.journey.Bytes;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/// What is different from one look to the next: vectors, events, findings.
public final class WatchText {

    private final Paint paint;
    private final List<String> out = new ArrayList<>();

    public WatchText(Paint paint) {
        this.paint = paint;
    }

    /// What `now` has that `before` had not, a line each; none when nothing changed.
    public List<String> news(ExplainReport before, ExplainReport now) {
        Map<String, Vector> known = new HashMap<>();
        before.vectors().forEach(v -> known.put(v.device() + " " + v.vector(), v));
        for (Vector v : now.vectors()) {
            Vector was = known.get(v.device() + " " + v.vector());
            boolean same =
                    was != null
                            && was.state() == v.state()
                            && was.stoppedAt().equals(v.stoppedAt())
                            && was.cpu().equals(v.cpu());
            if (!same) {
                String sentence = v.sentence();
                out.add(
                        v.state().isBroken()
                                ? paint.bad(sentence)
                                : v.delivered() ? paint.good(sentence) : sentence);
            }
        }
        events(before.events(), now.events());
        Set<ExplainReport.Finding> old = new HashSet<>(before.findings());
        now.findings().stream().filter(f -> !old.contains(f)).forEach(f -> out.add(line(f)));
        UnannouncedChanges.between(before, now).forEach(f -> out.add(line(f) + ". " + f.why()));
        return out;
    }

    private static String line(ExplainReport.Finding f) {
        return f.severity() + " " + f.device().map(d -> d + ": ").orElse("") + f.message();
    }

    private void events(List<ExplainReport.Event> before, List<ExplainReport.Event> now) {
        Set<Bytes> places = before.stream().map(WatchText::place).collect(Collectors.toSet());
        for (ExplainReport.Event e : now.reversed()) {
            if (!places.contains(place(e))) {
                out.add(paint.bad(e.type()) + " " + e.sentence());
            }
        }
    }

    /// A record and where it is: the same one may come again in another place.
    private static Bytes place(ExplainReport.Event e) {
        byte[] bytes = e.bytes().toArray();
        byte[] out = java.util.Arrays.copyOf(bytes, bytes.length + 4);
        for (int i = 0; i < 4; i++) {
            out[bytes.length + i] = (byte) (e.index() >>> (8 * i));
        }
        return Bytes.of(out);
    }
}
