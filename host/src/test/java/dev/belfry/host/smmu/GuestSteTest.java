package dev.belfry.host.smmu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.host.uapi.Errno;
import dev.belfry.host.uapi.Result;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The masks are STRTAB_STE_0_NESTING_ALLOWED and _1_ of arm-smmu-v3.h, written out here.
class GuestSteTest {

    private static boolean isEio(Result<?> r) {
        return r instanceof Result.Err<?> e && e.errno() == Errno.EIO;
    }

    @Test
    void everyBitOutsideTheMasksIsRefusedAndEveryOtherIsNot() {
        for (int bit = 0; bit < 64; bit++) {
            // Config stays 5 where its own bits are tried.
            boolean config = bit >= 1 && bit <= 3;
            long w0 = 0xbL | (config ? 0 : 1L << bit);
            assertThat(isEio(GuestSte.of(w0, 0)))
                    .as("word 0 bit " + bit)
                    .isEqualTo(((0xf80f_ffff_ffff_ffffL >>> bit) & 1) == 0);
            boolean eatsHigh = bit == 29;
            assertThat(isEio(GuestSte.of(0xb, 1L << bit)))
                    .as("word 1 bit " + bit)
                    .isEqualTo(((0x3800_00ffL >>> bit) & 1) == 0 || eatsHigh);
        }
    }

    @ParameterizedTest
    @CsvSource({"0, ABORT", "4, BYPASS", "5, STAGE1"})
    void theseConfigsAreAllowed(int config, GuestSte.Fate fate) {
        assertThat(GuestSte.of(1 | config << 1, 0).orThrow().fate()).isEqualTo(fate);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 6, 7})
    void theseConfigsAreRefused(int config) {
        assertThat(isEio(GuestSte.of(1 | config << 1, 0))).isTrue();
    }

    @Test
    void anInvalidSteIsAcceptedWhateverElseItSaysAndAborts() {
        GuestSte ste = GuestSte.of(0xffff_ffff_ffff_fffeL, -1L).orThrow();
        assertThat(ste).isEqualTo(new GuestSte(0, 0, GuestSte.Fate.ABORT, false));
    }

    @Test
    void eatsIsTakenOutAndCountsForStage1Only() {
        GuestSte stage1 = GuestSte.of(0xb, 1L << 28 | 0xd6).orThrow();
        assertThat(stage1.w1()).isEqualTo(0xd6);
        assertThat(stage1.ats()).isTrue();
        assertThat(GuestSte.of(0x9, 1L << 28).orThrow().ats()).isFalse();
    }
}
