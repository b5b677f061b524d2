package dev.belfry.model.smmu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.belfry.model.smmu.spec.Cd;
import dev.belfry.model.smmu.spec.SmmuRegister.Idr0;
import dev.belfry.model.smmu.spec.Ste;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/// The validity of a CD: CdIllegal() of IHI 0070 5.4.2, a case for each of its conditions, and for
/// what EPDx and the StreamWorld make IGNORED.
class CdClausesTest {

    private static final SmmuIdentity MAX = SmmuIdentity.MAX;
    private static final Ste EL1 =
            Ste.ZERO.withWord(0, Ste.V.of(1) | Ste.CONFIG.of(5) | 0x4100_0000L);
    private static final Ste EL2 = EL1.with(1, Ste.STRW, 2);

    /// Both halves.
    private static final Cd CD =
            Rig.cd(0x4000_0000L)
                    .with(0, Cd.EPD1, 0)
                    .with(0, Cd.T1SZ, 16)
                    .with(0, Cd.TG1, 2)
                    .withWord(2, 0x4100_0000L);

    private static boolean isLegal(Cd cd, Ste ste, SmmuIdentity id, boolean e2h) {
        return CdDecoder.decode(cd, SteDecoder.decode(ste, id, e2h), id).legal();
    }

    static Stream<Arguments> illegal() {
        return Stream.of(
                arguments("V = 0", MAX, EL1, CD.with(0, Cd.V, 0)),
                arguments("S under S1STALLD", MAX, EL1.with(1, Ste.S1STALLD, 1), stalling()),
                arguments(
                        "A = 0 with TERM_MODEL = 1",
                        MAX.withIdr0(Idr0.TERM_MODEL, 1),
                        EL1,
                        CD.with(0, Cd.A, 0)),
                arguments(
                        "S with STALL_MODEL = 1",
                        MAX.withIdr0(Idr0.STALL_MODEL, 1),
                        EL1,
                        stalling()),
                arguments("S = 0 with STALL_MODEL = 2", MAX.withIdr0(Idr0.STALL_MODEL, 2), EL1, CD),
                arguments("big-endian tables", MAX, EL1, CD.with(0, Cd.ENDI, 1)),
                arguments("little-endian tables", MAX.withIdr0(Idr0.TTENDIAN, 3), EL1, CD),
                arguments("VMSAv8-32", MAX, EL1, CD.with(0, Cd.AA64, 0)),
                arguments("VMSAv8-64 with TTF = 0b01", MAX.withIdr0(Idr0.TTF, 1), EL1, CD),
                arguments("HA without HTTU", MAX.withIdr0(Idr0.HTTU, 0), EL1, CD.with(0, Cd.HA, 1)),
                arguments("HD without HTTU", MAX.withIdr0(Idr0.HTTU, 0), EL1, CD.with(0, Cd.HD, 1)),
                arguments(
                        "HD with HTTU = 1", MAX.withIdr0(Idr0.HTTU, 1), EL1, CD.with(0, Cd.HD, 1)),
                arguments(
                        "16-bit ASID with ASID16 = 0",
                        MAX.withIdr0(Idr0.ASID16, 0),
                        EL1,
                        CD.with(0, Cd.ASID, 0x100)),
                arguments("TG0 = 0b11", MAX, EL1, CD.with(0, Cd.TG0, 3)),
                arguments("TG1 = 0b00", MAX, EL1, CD.with(0, Cd.TG1, 0)),
                arguments("TG0 = 0b11 in EL2", MAX, EL2, CD.with(0, Cd.TG0, 3)),
                arguments("T0SZ below 16", MAX, EL1, CD.with(0, Cd.T0SZ, 15)),
                arguments("T1SZ below 16", MAX, EL1, CD.with(0, Cd.T1SZ, 15)),
                arguments("T0SZ above 48", MAX, EL1, CD.with(0, Cd.T0SZ, 49)),
                arguments("TTB0 beyond IPS", MAX, EL1, CD.with(0, Cd.IPS, 0).withWord(1, 1L << 32)),
                arguments("TTB1 beyond IPS", MAX, EL1, CD.with(0, Cd.IPS, 0).withWord(2, 1L << 32)),
                arguments(
                        "TTB0 beyond the OAS",
                        MAX.withOas(44),
                        EL1,
                        CD.with(0, Cd.IPS, 6).withWord(1, 1L << 44)),
                arguments(
                        "TTB0 beyond 48 bits with 4 KiB",
                        MAX,
                        EL1,
                        CD.with(0, Cd.IPS, 6).withWord(1, 1L << 48)));
    }

    private static Cd stalling() {
        return CD.with(0, Cd.S, 1);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("illegal")
    void eachConditionOfCdIllegalMakesABadCd(String what, SmmuIdentity id, Ste ste, Cd cd) {
        assertThat(isLegal(cd, ste, id, false)).isFalse();
    }

    static Stream<Arguments> legal() {
        Cd bad0 = CD.with(0, Cd.T0SZ, 5).with(0, Cd.TG0, 3).withWord(1, Cd.TTB0.mask());
        Cd bad1 = CD.with(0, Cd.T1SZ, 5).with(0, Cd.TG1, 0).withWord(2, Cd.TTB1.mask());
        SmmuIdentity asid8 = MAX.withIdr0(Idr0.ASID16, 0);
        return Stream.of(
                arguments("both halves", MAX, EL1, CD),
                arguments("EPD0 makes T0SZ, TG0, TTB0 IGNORED", MAX, EL1, bad0.with(0, Cd.EPD0, 1)),
                arguments("EPD1 makes T1SZ, TG1, TTB1 IGNORED", MAX, EL1, bad1.with(0, Cd.EPD1, 1)),
                arguments("EL2 has no TTB1", MAX, EL2, bad1),
                arguments(
                        "ENDI is IGNORED without tables",
                        MAX,
                        EL1,
                        CD.with(0, Cd.ENDI, 1).with(0, Cd.EPD0, 1).with(0, Cd.EPD1, 1)),
                arguments("HD without HA is Reserved, not ILLEGAL", MAX, EL1, CD.with(0, Cd.HD, 1)),
                arguments("8-bit ASID", asid8, EL1, CD.with(0, Cd.ASID, 0xff)),
                arguments("EL2 has no ASID", asid8, EL2, CD.with(0, Cd.ASID, 0x100)),
                arguments(
                        "TTB0 of 52 bits with 64 KiB",
                        MAX,
                        EL1,
                        CD.with(0, Cd.IPS, 6).with(0, Cd.TG0, 1).withWord(1, 1L << 51)),
                arguments("S1STALLD alone", MAX, EL1.with(1, Ste.S1STALLD, 1), CD),
                arguments("IPS beyond the OAS", MAX.withOas(40), EL1, CD.with(0, Cd.IPS, 7)));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("legal")
    void whatIsIgnoredMakesNoBadCd(String what, SmmuIdentity id, Ste ste, Cd cd) {
        assertThat(isLegal(cd, ste, id, false)).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        // TG0; from and to: the T0SZ that are legal with VAX = 1 and STT = 1, then without.
        "0, 16, 48, 16, 39",
        "2, 16, 48, 16, 39",
        "1, 12, 47, 16, 39"
    })
    void tXszStaysWithinWhatVaxAndSttSay(int tg0, int from, int to, int bareFrom, int bareTo) {
        for (int t0sz = 0; t0sz < 64; t0sz++) {
            Cd cd = CD.with(0, Cd.TG0, tg0).with(0, Cd.T0SZ, t0sz);
            assertThat(isLegal(cd, EL1, MAX, false))
                    .as("T0SZ %d", t0sz)
                    .isEqualTo(t0sz >= from && t0sz <= to);
            assertThat(isLegal(cd, EL1, SmmuIdentity.GRACE, false))
                    .as("T0SZ %d", t0sz)
                    .isEqualTo(t0sz >= bareFrom && t0sz <= bareTo);
        }
    }

    @ParameterizedTest
    @CsvSource({"false, true", "true, false"})
    void epd0CountsWithE2hAndIsIgnoredInEl2(boolean e2h, boolean walks) {
        Cd cd = CD.with(0, Cd.EPD0, 1);
        StreamConfig stream = SteDecoder.decode(EL2, MAX, e2h);
        assertThat(CdDecoder.decode(cd, stream, MAX).lower().enabled()).isEqualTo(walks);
    }
}
