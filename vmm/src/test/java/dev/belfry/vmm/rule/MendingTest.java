package dev.belfry.vmm.rule;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.vmm.check.CheckedMachine;
import dev.belfry.vmm.check.Mender;
import dev.belfry.vmm.cmdline.Edit;
import dev.belfry.vmm.cmdline.Option;
import dev.belfry.vmm.cmdline.Position;
import dev.belfry.vmm.input.Launch;
import dev.belfry.vmm.input.Launches;
import dev.belfry.vmm.machine.Problem;
import dev.belfry.vmm.machine.Severity;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// What `--fix` makes of every mechanical example, however it is written.
class MendingTest {

    private static final int SEEDS = 3;

    /// An example's failing text in some way of writing.
    private record Written(Example example, String text) {

        Mender.Mended<Mender.Findings> mended(String given) {
            Launch launch = Launches.read(given);
            return Mender.mend(launch, found(launch), this::found);
        }

        Mender.Findings found(Launch launch) {
            List<Problem> problems = CheckedMachine.read(launch, example.terms()).problems();
            return () -> problems;
        }

        @Override
        public String toString() {
            return example.rule() + ":\n" + text;
        }
    }

    private static List<Written> written(Spelling spelling) {
        List<Written> out = new ArrayList<>();
        for (Example e : RulesTest.fixable()) {
            boolean plain = e.failing().length() < 10_000 && !e.failing().contains("\n");
            for (int seed = 0; seed < (plain ? SEEDS : 0); seed++) {
                Random random = new Random(seed);
                out.add(new Written(e, spelling.of(e.failing(), random)));
            }
        }
        assertThat(out).hasSizeGreaterThan(40 * SEEDS);
        return out;
    }

    private static boolean mendable(Problem p) {
        return p.severity() != Severity.NOTE && !p.edits().isEmpty();
    }

    private static Set<String> errors(List<Problem> problems) {
        Set<String> out = new TreeSet<>();
        problems.stream()
                .filter(p -> p.severity() == Severity.ERROR)
                .forEach(p -> out.add(p.rule()));
        return out;
    }

    @ParameterizedTest
    @EnumSource
    void nothingMechanicalIsLeftAndNothingNewIsWrong(Spelling spelling) {
        int mended = 0;
        for (Written w : written(spelling)) {
            List<Problem> before = w.found(Launches.read(w.text)).problems();
            var after = w.mended(w.text);

            assertThat(after.launch().commandLine().options()).as(w.toString()).isNotEmpty();
            assertThat(after.found().problems())
                    .as(w + "\nbecame\n" + after.launch().text())
                    .noneMatch(MendingTest::mendable);
            assertThat(errors(after.found().problems()))
                    .as(w + "\nbecame\n" + after.launch().text())
                    .isSubsetOf(errors(before));
            assertThat(w.mended(after.launch().text()).launch().text())
                    .as(w.toString())
                    .isEqualTo(after.launch().text());
            assertThat(after.mended().isEmpty())
                    .as(w.toString())
                    .isEqualTo(after.launch().text().equals(w.text));
            mended += after.mended().size();
        }
        assertThat(mended).isGreaterThan(40 * SEEDS);
    }

    @ParameterizedTest
    @EnumSource
    void linesWithoutEditsStayAsTheyAre(Spelling spelling) {
        for (Written w : written(spelling)) {
            Launch launch = Launches.read(w.text);
            var after = w.mended(w.text);
            Set<Integer> touched = new TreeSet<>();
            after.mended().forEach(p -> p.edits().forEach(e -> touch(launch, e, touched)));
            List<String> left = new ArrayList<>(lines(after.launch().text()));
            List<String> lines = lines(w.text);
            for (int i = 0; i < lines.size(); i++) {
                if (!touched.contains(i + 1)) {
                    int at = left.indexOf(lines.get(i));
                    assertThat(at)
                            .as("line %d of %s\nin\n%s", i + 1, w, after.launch().text())
                            .isNotNegative();
                    left.subList(0, at + 1).clear();
                }
            }
            assertThat(after.launch().text().replace("\r\n", "").chars().filter(c -> c == '\n'))
                    .as(w.toString())
                    .hasSize(spelling == Spelling.WINDOWS ? 0 : left(after.launch().text()));
        }
    }

    private static int left(String text) {
        return (int) text.chars().filter(c -> c == '\n').count();
    }

    /// With their ends.
    private static List<String> lines(String text) {
        return List.of(text.split("(?<=\n)"));
    }

    /// The lines that an edit may change: its option's, the one above when that goes, and of the
    /// machine's options, which are one, all.
    private static void touch(Launch launch, Edit edit, Set<Integer> lines) {
        boolean goes =
                edit instanceof Edit.Drop
                        || edit instanceof Edit.Move
                        || edit instanceof Edit.Remove;
        lines.add(edit.at().line());
        lines.add(edit.at().line() - (goes ? 1 : 0));
        if (edit instanceof Edit.Move(Position _, Position before)) {
            lines.add(before.line());
        }
        boolean machine = option(launch, edit.at()).anyMatch(o -> o.name().equals("machine"));
        if (edit instanceof Edit.Remove && machine) {
            launch.commandLine().all("machine").forEach(o -> lines.add(o.at().line()));
        }
    }

    private static Stream<Option> option(Launch launch, Position at) {
        return launch.commandLine().options().stream()
                .filter(o -> o.at().line() == at.line() && o.at().column() == at.column());
    }
}
