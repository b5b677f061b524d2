package dev.belfry.vmm.rule;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.vmm.check.RuleBook;
import dev.belfry.vmm.cmdline.Edit;
import dev.belfry.vmm.cmdline.Repair;
import dev.belfry.vmm.input.Launch;
import dev.belfry.vmm.input.Launches;
import dev.belfry.vmm.machine.Problem;
import dev.belfry.vmm.machine.Severity;
import dev.belfry.vmm.rule.run.RunRules;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Every rule on a command line that it finds something in, and on one that is right.
class RulesTest {

    static List<Example> examples() {
        return Stream.of(
                        ReadingExamples.all(),
                        DomainExamples.all(),
                        MachineExamples.all(),
                        DeviceExamples.all())
                .flatMap(List::stream)
                .toList();
    }

    static List<Example> fixable() {
        return examples().stream()
                .filter(e -> {
                    List<Problem> found = found(e, e.failing());
                    return !found.isEmpty() && found.stream().noneMatch(p -> p.edits().isEmpty());
                })
                .toList();
    }

    private static List<Problem> found(Example example, String text) {
        return example.check(text).stream().filter(p -> p.rule().equals(example.rule())).toList();
    }

    @ParameterizedTest
    @MethodSource("examples")
    void isFoundWhereItIsBroken(Example example) {
        assertThat(found(example, example.failing()))
                .as(example.failing())
                .isNotEmpty()
                .allSatisfy(p -> {
                    assertThat(p.message()).isNotBlank();
                    assertThat(p.source()).isNotBlank();
                    assertThat(p.at().line()).isPositive();
                });
    }

    @ParameterizedTest
    @MethodSource("examples")
    void isNotFoundWhereAllIsWell(Example example) {
        List<Problem> problems = example.check(example.passing());

        assertThat(problems)
                .as(example.passing())
                .filteredOn(p -> p.rule().equals(example.rule()))
                .isEmpty();
    }

    @Test
    void everyRuleHasAnExample() {
        Set<String> shown = new TreeSet<>();
        examples().forEach(e -> shown.add(e.rule()));
        // What only a run shows has its examples in the lab.
        RunRules.all().forEach(a -> shown.add(a.id()));

        assertThat(shown).isEqualTo(new TreeSet<>(RuleBook.all().stream().map(About::id).toList()));
    }

    @Test
    void noTwoRulesShareAnIdAndEachSaysWhereItIsWritten() {
        Set<String> ids = new HashSet<>();
        assertThat(RuleBook.all())
                .allSatisfy(a -> {
                    assertThat(ids.add(a.id())).as(a.id()).isTrue();
                    assertThat(a.title()).isNotBlank();
                    assertThat(a.source()).as(a.id()).isNotBlank();
                });
        assertThat(ids).hasSizeGreaterThan(110);
    }

    @Test
    void everyIdThatReadersUseIsInTheBook() throws IOException {
        Pattern id = Pattern.compile("\"([A-Z][A-Z0-9]+(?:-[A-Z0-9]+)+)\"");
        Set<String> used = new TreeSet<>();
        Path root =
                Path.of(
                        System.getProperty("belfry.root", ".."),
                        "vmm/src/main/java/dev/belfry/vmm");
        for (String folder : List.of("cmdline", "machine", "reader", "input", "input/domain")) {
            try (Stream<Path> files = Files.list(root.resolve(folder))) {
                for (Path file : files.filter(f -> f.toString().endsWith(".java")).toList()) {
                    Matcher m = id.matcher(Files.readString(file));
                    while (m.find()) {
                        used.add(m.group(1));
                    }
                }
            }
        }

        assertThat(used)
                .hasSizeGreaterThan(40)
                .allSatisfy(u -> assertThat(RuleBook.find(u)).as(u).isPresent());
    }

    @Test
    void aWellFormedCommandLineHasNoFindings() {
        assertThat(new Example("", "", "").check(Example.WELL)).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("fixable")
    void aMechanicalFixLeavesTheRuleNothingToFindAndBringsNothingNew(Example example) {
        Launch launch = Launches.read(example.failing());
        List<Edit> edits =
                found(example, example.failing()).stream()
                        .flatMap(p -> p.edits().stream())
                        .toList();

        String repaired = Repair.of(launch.text(), launch.commandLine(), edits).text();

        assertThat(repaired).isNotEqualTo(example.failing());
        assertThat(found(example, repaired)).as(repaired).isEmpty();
        assertThat(example.check(repaired))
                .as(repaired)
                .extracting(Problem::rule)
                .isSubsetOf(example.check(example.failing()).stream().map(Problem::rule).toList());
    }

    @ParameterizedTest
    @MethodSource("fixable")
    void whatAFixSaysIsWhatItDoes(Example example) {
        assertThat(found(example, example.failing()))
                .allSatisfy(p ->
                        assertThat(p.edits())
                                .allSatisfy(e -> assertThat(p.fix()).contains(written(e))));
    }

    /// The words that a person would type to make an edit.
    private static List<String> written(Edit edit) {
        return switch (edit) {
            case Edit.Set set ->
                    List.of(
                            set.key().equals("driver")
                                    ? set.value()
                                    : set.key() + "=" + set.value());
            case Edit.Rename rename ->
                    List.of(rename.key().equals("driver") ? rename.value() : rename.now());
            case Edit.Remove remove -> List.of("remove " + remove.key());
            case Edit.Drop _ -> List.of("remove -");
            case Edit.Replace replace -> List.of(replace.words());
            case Edit.Write write -> List.of(write.now().strip());
            case Edit.Insert insert -> List.of(insert.words());
            case Edit.Move move -> List.of("put " + move.at().text().split("[ ,]", 2)[0]);
        };
    }

    @ParameterizedTest
    @MethodSource("examples")
    void everyErrorSaysWhatToWrite(Example example) {
        assertThat(found(example, example.failing()))
                .filteredOn(p -> p.severity() != Severity.NOTE)
                .allSatisfy(p -> assertThat(p.fix()).isNotBlank());
    }

    /// All but those that stand for several.
    static List<Example> single() {
        Set<String> several = Set.of("OPTIONS-LIMIT", "FINDINGS-LIMIT", "KERNEL-CMDQV");
        return examples().stream().filter(e -> !several.contains(e.rule())).toList();
    }

    @ParameterizedTest
    @MethodSource("single")
    void oneCauseIsOneError(Example example) {
        assertThat(example.check(example.failing()))
                .filteredOn(p -> p.severity() == Severity.ERROR)
                .extracting(Problem::rule)
                .containsOnly(
                        found(example, example.failing()).stream()
                                .filter(p -> p.severity() == Severity.ERROR)
                                .map(Problem::rule)
                                .toArray(String[]::new));
    }

    @Test
    void thereAreMechanicalFixes() {
        assertThat(fixable()).hasSizeGreaterThan(40);
    }
}
