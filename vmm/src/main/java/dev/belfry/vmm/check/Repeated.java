package dev.belfry.vmm.check;

import dev.belfry.vmm.machine.Problem;
import dev.belfry.vmm.machine.Problems;
import dev.belfry.vmm.machine.Severity;
import dev.belfry.vmm.rule.reading.ReadingRules;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The same finding over and over: nobody reads the thousandth, so a hundred are told, and how many
/// more there are.
public final class Repeated {

    private record Kind(String rule, Severity severity) {}

    /// What is left out of one kind.
    private record Rest(Problem first, int count) {}

    private Repeated() {}

    /// Of each rule and severity the first hundred, and a note that says how many more there are.
    public static List<Problem> shortened(List<Problem> problems) {
        if (problems.size() <= Problems.TOLD) {
            return List.copyOf(problems);
        }
        Map<Kind, Integer> seen = new LinkedHashMap<>();
        Map<Kind, Rest> left = new LinkedHashMap<>();
        List<Problem> out = new ArrayList<>();
        for (Problem p : problems) {
            Kind kind = new Kind(p.rule(), p.severity());
            if (seen.merge(kind, 1, Integer::sum) <= Problems.TOLD) {
                out.add(p);
            } else {
                left.merge(kind, new Rest(p, 1), (a, b) -> new Rest(a.first, a.count + 1));
            }
        }
        left.values().forEach(rest -> out.add(more(rest)));
        return List.copyOf(out);
    }

    private static Problem more(Rest rest) {
        return Problem.of(
                        Severity.NOTE,
                        ReadingRules.FINDINGS_LIMIT,
                        rest.first.phase(),
                        rest.first.at(),
                        rest.first.rule()
                                + ": "
                                + rest.count
                                + (rest.count == 1 ? " more" : " more, of which this is the first"))
                .because("a hundred of a kind are told", "Belfry")
                .fix("put right what is told, and check again");
    }
}
