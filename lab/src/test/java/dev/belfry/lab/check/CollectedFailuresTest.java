package dev.belfry.lab.check;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.lab.InputError;
import dev.belfry.vmm.input.Launches;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Failures that people met and wrote about in public: each is told of before launch, and the same
/// put right is not refused and loses nothing.
class CollectedFailuresTest {

    private static final Path FOLDER =
            Path.of(
                    System.getProperty("belfry.root", ".."),
                    "lab/src/test/resources/dev/belfry/lab/check/collected");

    /// The reports in our list that a command line, a host or a kernel could have told of.
    private static final List<Integer> REPORTS =
            List.of(4, 5, 8, 10, 11, 19, 20, 24, 26, 32, 34, 35, 36, 37, 39, 40, 41, 42, 43);

    static List<CollectedFailures.Case> cases() throws IOException {
        return new CollectedFailures(FOLDER).cases();
    }

    private static CheckReport check(CollectedFailures.Try t) throws InputError {
        return new CheckLab(t.conditions()).check("test", Launches.read(t.text()));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void theFailureIsTold(CollectedFailures.Case c) throws InputError {
        assertThat(check(c.failing()).findings())
                .as(c.failing().text())
                .filteredOn(f -> (f.rule() + " " + f.level().key()).equals(c.rule()))
                .isNotEmpty()
                .allSatisfy(f -> {
                    assertThat(f.message()).isNotBlank();
                    assertThat(f.source()).isNotBlank();
                    assertThat(f.line()).isPositive();
                });
    }

    @ParameterizedTest
    @MethodSource("cases")
    void whatFollowsFromItIsNotToldBesides(CollectedFailures.Case c) throws InputError {
        String rule = c.rule().substring(0, c.rule().indexOf(' '));

        assertThat(check(c.failing()).findings())
                .as(c.failing().text())
                .filteredOn(f -> f.level() == Level.ERROR || f.level() == Level.LOST)
                .filteredOn(f -> !f.rule().equals(rule) && !c.also().contains(f.rule()))
                .isEmpty();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void putRightNothingIsRefusedOrLost(CollectedFailures.Case c) throws InputError {
        String rule = c.rule().substring(0, c.rule().indexOf(' '));

        assertThat(check(c.right()).findings())
                .as(c.right().text())
                .filteredOn(f ->
                        f.level() == Level.ERROR
                                || f.level() == Level.LOST
                                || f.rule().equals(rule))
                .isEmpty();
    }

    static List<CollectedFailures.Case> refused() throws IOException {
        return new CollectedFailures(FOLDER).refused();
    }

    @ParameterizedTest
    @MethodSource("refused")
    void aHostThatCannotServeIsRefusedAsItIsRead(CollectedFailures.Case c) throws InputError {
        assertThatThrownBy(() -> check(c.failing()))
                .isInstanceOf(InputError.class)
                .hasMessageContaining(c.rule());
        assertThat(check(c.right()).findings())
                .noneMatch(f -> f.level() == Level.ERROR || f.level() == Level.LOST);
    }

    @Test
    void aReleaseBeforeTheDeviceIsRefusedWithTheReason() {
        Conditions old = new Conditions(Optional.empty(), Optional.of("9.2"), Optional.empty());

        assertThatThrownBy(() -> new CheckLab(old))
                .isInstanceOf(InputError.class)
                .hasMessageContaining("before 10.2 there is no -device arm-smmuv3");
    }

    @Test
    void aBusNumberInThePlaceOfAnIndexIsToldByTheIndexThatWasMeant()
            throws IOException, InputError {
        CollectedFailures.Case number =
                cases().stream()
                        .filter(c -> c.rule().equals("XML-PCIBUS error"))
                        .findFirst()
                        .orElseThrow();

        assertThat(check(number.failing()).findings())
                .extracting(Finding::fix)
                .contains("write pciBus='1': busNr='252' is that of controller 1");
    }

    @Test
    void everyReportHasACaseOrAReasonWhyItCannotBeKnown() throws IOException {
        CollectedFailures all = new CollectedFailures(FOLDER);
        Set<String> there =
                all.cases().stream()
                        .map(CollectedFailures.Case::item)
                        .collect(Collectors.toCollection(TreeSet::new));
        there.addAll(all.unknowable().keySet());

        assertThat(there).containsAll(REPORTS.stream().map(String::valueOf).toList());
        assertThat(all.unknowable().values()).allSatisfy(why -> assertThat(why).isNotBlank());
    }
}
