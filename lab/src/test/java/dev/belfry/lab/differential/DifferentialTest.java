package dev.belfry.lab.differential;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.belfry.lab.InputError;
import dev.belfry.lab.Progress;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// The engine against a QEMU that we did not write: the same scripts, compared byte for byte.
class DifferentialTest {

    private static final long FIRST = 1;
    private static final long CASES = 20_000;
    private static final int PROCESSES = 2;

    @BeforeEach
    void qemu() {
        assumeTrue(
                FuzzLab.possible(),
                "skipped: no qemu-system-aarch64 on PATH (Debian: qemu-system-arm)");
    }

    @Test
    void twentyThousandScriptsShowNothingButKnownDifferences() throws InputError {
        FuzzReport report =
                FuzzLab.run(
                        new FuzzRequest(FIRST, FIRST + CASES - 1, PROCESSES, true), Progress.NONE);
        assertThat(report.failures()).isEmpty();
        assertThat(report.cases()).isEqualTo(CASES);
        // The generator reaches what it is meant to reach.
        assertThat(report.known())
                .as("known differences met on QEMU %s", report.qemu())
                .containsKeys(
                        "unprivileged-ignored", "eventq-full-is-an-abort", "stale-translation");
    }

    @Test
    void thisQemusIdRegistersAreThoseOfAPreset() throws InputError {
        FuzzReport report = FuzzLab.run(new FuzzRequest(0, 0, 1, false), Progress.NONE);
        assertThat(report.identity()).startsWith("qemu-");
    }
}
