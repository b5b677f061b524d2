package dev.belfry.qemu.script;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.qemu.edu.QemuSmmu;
import dev.belfry.qemu.process.RealQemu;
import java.util.List;
import org.junit.jupiter.api.Test;

class RandomScriptsTest {

    private static final int SEEDS = 150;
    private static final int EVENTQ_PROD = 0x100a8;

    @Test
    void oneSeedIsOneScriptAndOneOutcomeOnARealQemu() {
        RealQemu.required();
        int events = 0;
        int data = 0;
        try (QemuSmmu qemu = QemuSmmu.start(2, RealQemu.PATIENCE)) {
            for (int seed = 0; seed < SEEDS; seed++) {
                SmmuScript script = RandomScripts.script(seed, qemu.machine());
                assertThat(RandomScripts.script(seed, qemu.machine())).isEqualTo(script);
                ScriptOutcome outcome = qemu.run(script);
                if (seed % 10 == 0) {
                    assertThat(qemu.run(script)).as(script.name()).isEqualTo(outcome);
                }
                events += observed(script, outcome, EVENTQ_PROD) != 0 ? 1 : 0;
                data += wrote(outcome) ? 1 : 0;
            }
        }
        // A generator whose scripts all fault, or never do, compares nothing.
        assertThat(events).isBetween(SEEDS / 4, SEEDS * 9 / 10);
        assertThat(data).isBetween(SEEDS / 4, SEEDS * 9 / 10);
    }

    private static long observed(SmmuScript script, ScriptOutcome outcome, int offset) {
        return outcome.observations().stream()
                .filter(o ->
                        script.steps().get(o.step()) instanceof Step.ReadRegister r
                                && r.offset() == offset)
                .findFirst()
                .orElseThrow()
                .value();
    }

    private static boolean wrote(ScriptOutcome outcome) {
        List<ScriptOutcome.Observation> all = outcome.observations();
        return all.subList(all.size() - 4, all.size()).stream()
                .anyMatch(o -> !allZero(o.bytes().toArray()));
    }

    private static boolean allZero(byte[] bytes) {
        for (byte b : bytes) {
            if (b != 0) {
                return false;
            }
        }
        return true;
    }
}
