package dev.belfry.lab.differential;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.model.journey.Bytes;
import dev.belfry.model.smmu.SmmuIdentity;
import dev.belfry.model.smmu.SmmuIdentity.Stages;
import dev.belfry.qemu.script.RandomScripts;
import dev.belfry.qemu.script.ScriptMachine;
import dev.belfry.qemu.script.ScriptOutcome;
import dev.belfry.qemu.script.ScriptOutcome.Observation;
import dev.belfry.qemu.script.SmmuScript;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// What the judge lets pass, with the second opinion in the place of a QEMU.
class JudgeTest {

    private static final SmmuIdentity ID = SmmuIdentity.QEMU_7_2;
    private static final Set<Quirk> KNOWN = KnownDifferences.bundled().of("7.2.22");
    private static final int SEEDS = 2000;

    private final ScriptMachine shape = shape(Stages.ONE);

    /// Three devices where QEMU's `virt` would have them.
    private static ScriptMachine shape(Stages stages) {
        return new ScriptMachine(
                stages, List.of(0x10, 0x18, 0x20), 0x4000_0000L, 0x3f_f000, 64, List.of());
    }

    @ParameterizedTest
    @EnumSource(Stages.class)
    void theEngineAndTheSecondOpinionAgreeOnTheArchitecture(Stages stages) {
        ScriptMachine like = shape(stages);
        SmmuIdentity id = SmmuIdentity.QEMU_10_2.withStages(stages);
        Judge judge = new Judge(id, EnumSet.noneOf(Quirk.class), like);
        OpinionTarget opinion = new OpinionTarget(id, EnumSet.noneOf(Quirk.class), like);
        for (int seed = 0; seed < SEEDS; seed++) {
            SmmuScript script = RandomScripts.script(seed, like);
            assertThat(judge.judge(script, opinion.run(script)).mismatch())
                    .as(script.name())
                    .isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource(Stages.class)
    void whateverTheFileSaysOfAVersionIsMetByTheScripts(Stages stages) {
        ScriptMachine like = shape(stages);
        SmmuIdentity id = SmmuIdentity.QEMU_10_2.withStages(stages);
        Set<Quirk> file = KnownDifferences.bundled().of("10.0.2");
        OpinionTarget theirs = new OpinionTarget(id, file, like);
        Set<Quirk> expected = expected(stages);
        Set<Quirk> met = EnumSet.noneOf(Quirk.class);
        for (int seed = 0; seed < 4 * SEEDS && !met.containsAll(expected); seed++) {
            theirs.run(RandomScripts.script(seed, like));
            met.addAll(theirs.taken());
        }
        assertThat(met).containsAll(expected);
    }

    private static Set<Quirk> expected(Stages stages) {
        return switch (stages) {
            case ONE -> EnumSet.of(Quirk.UNPRIVILEGED_IGNORED, Quirk.TLBI_TOO_NARROW);
            case TWO ->
                    EnumSet.of(
                            Quirk.S1STALLD_NOT_IGNORED,
                            Quirk.S2_HARDWARE_UPDATE_IGNORED,
                            Quirk.S2T0SZ_LIMITED_BY_S2PS,
                            Quirk.S2SL0_ABOVE_THE_INPUT,
                            Quirk.CONCATENATED_TABLES_BEYOND_THE_FIRST,
                            Quirk.INPUT_SIZE_NOT_RECORDED,
                            Quirk.IPA_WITH_OFFSET);
            case NESTED ->
                    EnumSet.of(
                            Quirk.S2PTW_IGNORED,
                            Quirk.TABLE_START_TRANSLATED,
                            Quirk.TABLE_FAULT_IS_STAGE_1,
                            Quirk.START_TABLES_KEPT,
                            Quirk.RNW_OF_FETCHES,
                            Quirk.TTRNW_NEVER_SET,
                            Quirk.TLB_KNOWS_LESS,
                            Quirk.TLBI_TOO_NARROW);
        };
    }

    @Test
    void aDifferenceThatIsNotInTheFileFails() {
        OpinionTarget theirs = new OpinionTarget(ID, KNOWN, shape);
        for (Quirk quirk : List.of(Quirk.UNPRIVILEGED_IGNORED, Quirk.EVENTQ_FULL_IS_AN_ABORT)) {
            EnumSet<Quirk> fewer = EnumSet.copyOf(KNOWN);
            fewer.remove(quirk);
            Judge judge = new Judge(ID, fewer, shape);
            long failed = 0;
            for (int seed = 0; seed < 200; seed++) {
                SmmuScript script = RandomScripts.script(seed, shape);
                failed += judge.judge(script, theirs.run(script)).mismatch().isPresent() ? 1 : 0;
            }
            assertThat(failed).as(quirk.id()).isPositive();
        }
    }

    @Test
    void oneOtherByteFailsEvenWhereKnownDifferencesAreMet() {
        OpinionTarget theirs = new OpinionTarget(ID, KNOWN, shape);
        Judge judge = new Judge(ID, KNOWN, shape);
        for (int seed = 0; seed < 50; seed++) {
            SmmuScript script = RandomScripts.script(seed, shape);
            ScriptOutcome outcome = theirs.run(script);
            assertThat(judge.judge(script, outcome).mismatch()).as(script.name()).isEmpty();
            for (int i = 0; i < outcome.observations().size(); i += 3) {
                assertThat(judge.judge(script, spoilt(outcome, i)).mismatch())
                        .as("%s, observation %s", script.name(), i)
                        .isPresent();
            }
        }
    }

    private static ScriptOutcome spoilt(ScriptOutcome outcome, int index) {
        List<Observation> all = new ArrayList<>(outcome.observations());
        byte[] bytes = all.get(index).bytes().toArray();
        bytes[bytes.length - 1] ^= (byte) 0x10;
        all.set(index, new Observation(all.get(index).step(), Bytes.of(bytes)));
        return new ScriptOutcome(all, outcome.buffers());
    }

    @Test
    void everyQuirkIsInTheFileAndEveryEntryIsAQuirk() {
        List<String> ids =
                KnownDifferences.bundled().entries().stream().map(KnownDifference::id).toList();
        assertThat(ids)
                .containsExactlyInAnyOrderElementsOf(
                        Arrays.stream(Quirk.values()).map(Quirk::id).toList());
        assertThat(KnownDifferences.bundled().entries())
                .allMatch(e -> List.of("architecture", "both").contains(e.right()))
                .allMatch(e -> e.section().matches("(IHI 0070|Arm ARM) .*"));
    }

    @Test
    void anEntryCountsForItsVersionsOnly() {
        String yaml =
                "- {id: gbpa-absent, section: IHI 0070 6.3.14, right: architecture, qemu: 6.0..7.2,"
                        + " says: x}";
        KnownDifferences file = KnownDifferences.parse(yaml);
        assertThat(file.of("7.2.22")).containsExactly(Quirk.GBPA_ABSENT);
        assertThat(file.of("6.0")).containsExactly(Quirk.GBPA_ABSENT);
        assertThat(file.of("8.0.0")).isEmpty();
        assertThat(file.of("5.2")).isEmpty();
    }

    @Test
    void aScriptIsShrunkenToWhatShowsTheDifference() {
        OpinionTarget theirs = new OpinionTarget(ID, KNOWN, shape);
        EnumSet<Quirk> fewer = EnumSet.copyOf(KNOWN);
        fewer.remove(Quirk.EVENT_CLASS_ZERO);
        Judge judge = new Judge(ID, fewer, shape);
        long seed = 0;
        while (judge.judge(script(seed), theirs.run(script(seed))).mismatch().isEmpty()) {
            seed++;
        }
        SmmuScript small =
                Shrinker.shrink(
                        script(seed), s -> judge.judge(s, theirs.run(s)).mismatch().isPresent());
        assertThat(small.steps().size()).isLessThan(script(seed).steps().size() / 2);
        assertThat(judge.judge(small, theirs.run(small)).mismatch()).isPresent();
    }

    private SmmuScript script(long seed) {
        return RandomScripts.script(seed, shape);
    }
}
