package dev.belfry.vmm.check;

import dev.belfry.vmm.cmdline.Edit;
import dev.belfry.vmm.cmdline.Repair;
import dev.belfry.vmm.input.Launch;
import dev.belfry.vmm.input.Launches;
import dev.belfry.vmm.machine.Problem;
import dev.belfry.vmm.machine.Severity;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/// Puts a command line right, as far as its findings say how: errors go first, since what else is
/// found may be for their sake; notes are left alone.
public final class Mender {

    private static final int MOST_ROUNDS = 16;

    private Mender() {}

    /// What a check found.
    public interface Findings {

        /// All of it.
        List<Problem> problems();
    }

    /// What came of it.
    ///
    /// @param launch as it is now
    /// @param found what is found in that
    /// @param mended what was found and put right, in the order done; its places are those of the
    ///   text of its round
    public record Mended<F extends Findings>(Launch launch, F found, List<Problem> mended) {
        public Mended {
            mended = List.copyOf(mended);
        }
    }

    /// Checks, mends, and checks again until nothing is left that can be mended.
    ///
    /// @param found in the launch
    /// @param check finds in what the launch has become
    public static <F extends Findings> Mended<F> mend(
            Launch launch, F found, Function<Launch, F> check) {
        Launch now = launch;
        F left = found;
        List<Problem> mended = new ArrayList<>();
        for (int round = 0; round < MOST_ROUNDS; round++) {
            Optional<Step> step = step(now, left.problems());
            if (step.isEmpty()) {
                break;
            }
            mended.addAll(step.get().mended);
            now = Launches.read(step.get().text);
            left = check.apply(now);
        }
        return new Mended<>(now, left, mended);
    }

    private record Step(String text, List<Problem> mended) {}

    private static Optional<Step> step(Launch launch, List<Problem> problems) {
        for (Severity severity : List.of(Severity.ERROR, Severity.LOST, Severity.WARNING)) {
            List<Problem> these = problems.stream().filter(p -> p.severity() == severity).toList();
            List<Edit> edits = these.stream().flatMap(p -> p.edits().stream()).toList();
            Repair repair = Repair.of(launch.text(), launch.commandLine(), edits);
            if (!repair.text().equals(launch.text())) {
                List<Problem> mended =
                        these.stream().filter(p -> !repair.left().containsAll(p.edits())).toList();
                return Optional.of(new Step(repair.text(), mended));
            }
        }
        return Optional.empty();
    }
}
