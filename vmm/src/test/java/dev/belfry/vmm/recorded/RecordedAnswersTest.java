package dev.belfry.vmm.recorded;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.host.description.HostDescription;
import dev.belfry.vmm.check.Terms;
import dev.belfry.vmm.version.QemuVersion;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// Real QEMUs' answers to command lines, replayed: Belfry refuses what they refuse, in their words,
/// and nothing else.
class RecordedAnswersTest {

    private static final Map<Difference, String> DIFFERENCES = new LinkedHashMap<>();
    private static int compared;

    @BeforeAll
    static void compare() {
        for (String file : List.of("written.txt", "generated.txt.gz")) {
            compare(file, Optional.empty());
        }
        HostDescription host = HostDescription.read("kvm-host.yaml", Answers.text("kvm-host.yaml"));
        compare("kvm.txt", Optional.of(host));
    }

    private static void compare(String file, Optional<HostDescription> host) {
        Answers.read(file)
                .answers()
                .forEach((line, answers) ->
                        answers.forEach((qemu, theirs) -> compare(line, qemu, theirs, host)));
    }

    private static void compare(
            String line, QemuVersion qemu, Answer theirs, Optional<HostDescription> host) {
        compared++;
        Answer ours = Answers.ours(line, new Terms(qemu, host, Optional.empty()));
        Difference.Kind kind = ours.against(theirs);
        if (kind != Difference.Kind.NONE) {
            DIFFERENCES.put(
                    new Difference(kind, qemu, line),
                    "QEMU %s: %s%n  ours: %s".formatted(qemu, theirs.words(), ours.words()));
        }
    }

    @Test
    void belfrySaysWhatQemuSaidExceptWhereItIsExplained() {
        Map<Difference, String> explained = Answers.explained("explained.txt");
        List<String> unexplained = new ArrayList<>();
        DIFFERENCES.forEach((difference, said) -> {
            if (!explained.containsKey(difference)) {
                unexplained.add(difference.kind() + " " + difference.line() + "\n  " + said);
            }
        });

        assertThat(compared).isGreaterThan(5000);
        assertThat(unexplained).isEmpty();
    }

    @Test
    void whatIsExplainedStillDiffers() {
        Set<Difference> unneeded = new HashSet<>(Answers.explained("explained.txt").keySet());
        unneeded.removeAll(DIFFERENCES.keySet());

        assertThat(unneeded).isEmpty();
    }

    @Test
    void noCommandLineThatStartedIsRefused() {
        assertThat(DIFFERENCES.keySet())
                .filteredOn(d -> d.kind() == Difference.Kind.FALSE_ALARM)
                .isEmpty();
    }

    @Test
    void everyExplanationSaysWhy() {
        assertThat(Answers.explained("explained.txt").values())
                .allSatisfy(why -> assertThat(why).contains(" ").hasSizeGreaterThan(20));
    }
}
