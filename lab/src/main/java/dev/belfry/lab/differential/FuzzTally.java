package dev.belfry.lab.differential;

import dev.belfry.lab.Progress;
import dev.belfry.lab.differential.FuzzReport.Failure;
import dev.belfry.qemu.script.ScriptText;
import dev.belfry.qemu.script.SmmuScript;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Hands out seeds and collects verdicts, for several threads.
final class FuzzTally {

    private static final long ENOUGH = Long.MAX_VALUE;

    private final FuzzRequest request;
    private final Progress progress;
    private final Map<String, Long> known = new TreeMap<>();
    private final List<Failure> failures = new ArrayList<>();
    private String qemu = "";
    private String identity = "";
    private long next;
    private long done;
    private long strayed;

    FuzzTally(FuzzRequest request, Progress progress) {
        this.request = request;
        this.progress = progress;
        this.next = request.first();
    }

    synchronized void with(String qemuVersion, String identityName) {
        qemu = qemuVersion;
        identity = identityName;
    }

    /// A seed that nobody has, or one beyond the last.
    synchronized long next() {
        boolean over = next > request.last() || failures.size() >= FuzzReport.MOST_FAILURES;
        return over ? ENOUGH : next++;
    }

    synchronized void add(SmmuScript script, Judge.Verdict verdict) {
        done++;
        strayed += verdict.strayed() ? 1 : 0;
        verdict.known().forEach(q -> known.merge(q.id(), 1L, Long::sum));
        verdict.mismatch().ifPresent(m -> failures.add(failure(script, m)));
        String sofar = failures.isEmpty() ? "" : " (" + failures.size() + " mismatches)";
        progress.at(
                "comparing with QEMU " + qemu + sofar, done, request.last() - request.first() + 1);
    }

    private Failure failure(SmmuScript script, Mismatch mismatch) {
        List<String> remarks = List.of("QEMU " + qemu + ", " + identity, mismatch.sentence());
        return new Failure(script.name(), ScriptText.write(script, remarks), mismatch.sentence());
    }

    synchronized FuzzReport report() {
        return new FuzzReport(
                qemu, identity, done, strayed, Map.copyOf(known), List.copyOf(failures));
    }
}
